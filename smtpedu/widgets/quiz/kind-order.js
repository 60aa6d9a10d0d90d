import { h, prose } from "../shared/base.js";
import { solution } from "./grading.js";
import { responses } from "./judged.js";

/* Steps to be put in order, by buttons and by the arrow keys on them. Judged is not where a step
   stands, but whether it follows the step before: what was moved alone spoils no more than that. */

/** For each step but the first: does it come directly after the one before, as in `key`? */
export function joints(order, key) {
  return order.slice(1).map((next, n) => key.indexOf(next) === key.indexOf(order[n]) + 1);
}

/** Tells of two neighbours whether they are right, or null where no try has shown it. */
export function tested(tries, key) {
  const pairs = tries.flatMap((order) => order.slice(1).map((next, n) => `${order[n]} ${next}`));
  return (...pair) => (pairs.includes(pair.join(" ")) ? joints(pair, key)[0] : null);
}

export function control(item, now, tools) {
  const { t, change, announce } = tools;
  const untouched = [...item.options.keys()]; // no answer yet
  let order = now.draft;
  const key = now.done ? now.solution : now.failed ? solution(item) : null;
  const judge = key ? tested(responses(now).filter(Boolean), key) : () => null;
  const list = h("ol", { class: "quiz-steps" });
  const score = h("p", { class: "s-soft" });
  const move = (from, by) => {
    const [before, to] = [order ?? untouched, from + by];
    if (to < 0 || to >= before.length) return;
    order = before.toSpliced(from, 1).toSpliced(to, 0, before[from]);
    change(order);
    show();
    list.children[to].querySelectorAll("button")[by < 0 ? 0 : 1].focus();
    const step = item.options[before[from]].text.replaceAll("`", "");
    announce(t("ask.moved", { step, place: to + 1, count: order.length }));
  };
  const show = () => {
    list.replaceChildren(...steps(item, order ?? untouched, judge, tools, !now.locked && move));
    const isGiven = key && now.given?.join() === order?.join();
    const right = isGiven && joints(order, key).filter(Boolean).length;
    score.textContent = isGiven ? t("ask.joints", { right, all: order.length - 1 }) : "";
  };
  show();
  const title = (name) => h("h4", {}, t(name));
  const solved = () => steps(item, key, () => true, tools);
  const isMissed = key && now.done && !now.right;
  const node = h("div", { class: "quiz-orders" }, [
    h("div", {}, isMissed && now.given && title("ask.yours"), list, score),
    isMissed && h("div", {}, title("ask.solution"), h("ol", { class: "quiz-steps" }, solved())),
  ]);
  return { node, value: () => order };
}

function steps({ options }, order, judge, { t, as }, move = null) {
  return order.map((position, place) => {
    const isLast = place + 1 === order.length;
    const isJoined = isLast ? null : judge(position, order[place + 1]);
    const kind = { true: "quiz-joined", false: "quiz-broken" }[isJoined];
    const { text } = options[position];
    return h("li", { class: kind }, [
      h("span", { class: "quiz-place" }, place + 1),
      h("div", { class: "quiz-step" }, [
        h("span", {}, h("span", as, prose(text))),
        isJoined === false && h("span", { class: "s-aloud" }, `(${t("ask.not_joined")})`),
        move && moves((by) => move(place, by), text.replaceAll("`", ""), place === 0, isLast, t),
      ]),
    ]);
  });
}

function moves(move, step, isFirst, isLast, t) {
  const button = (by, sign, key, isEnd) => {
    const more = { "aria-label": t(key, { step }), "aria-disabled": isEnd && "true" };
    return h("button", { ...more, on: { click: () => move(by) } }, sign);
  };
  const keydown = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    move(by);
  };
  return h("span", { class: "quiz-moves s-tools", on: { keydown } }, [
    button(-1, "↑", "ask.up", isFirst),
    button(1, "↓", "ask.down", isLast),
  ]);
}
