import { h, prose } from "../shared/base.js";
import { tick } from "./tick.js";

/* Steps to be put in order, by buttons and by the arrow keys on them. */

/** See `answers.js`; untouched, the steps are no answer yet. */
export function ordering(item, now, { t, change, announce }) {
  const order = [...(now.draft ?? item.options.keys())];
  let isTouched = now.draft !== null;
  const list = h("ol", { class: "steps" });
  const move = (position, by, button) => {
    const from = order.indexOf(position);
    const to = from + by;
    if (to < 0 || to >= order.length) return;
    order.splice(to, 0, ...order.splice(from, 1));
    isTouched = true;
    change([...order]);
    show();
    button.focus(); // a node that is moved loses the focus
    const step = item.options[position].text.replaceAll("`", "");
    announce(t("ask.moved", { step, place: to + 1, count: order.length }));
  };
  const steps = item.options.map(({ text }, position) => step(position, text, now, move, t));
  const show = () => {
    list.replaceChildren(...order.map((position) => steps[position].node));
    order.forEach((position, place) => {
      steps[position].show(place, order.length);
    });
  };
  show();
  return { node: list, value: () => (isTouched ? [...order] : null) };
}

function step(position, text, now, move, t) {
  const plain = text.replaceAll("`", "");
  const button = (by, sign, key) => {
    const click = (event) => move(position, by, event.currentTarget);
    const label = t(key, { step: plain });
    return h(
      "button",
      { "aria-label": label, on: { click } },
      h("span", { "aria-hidden": "true" }, sign),
    );
  };
  const up = button(-1, "↑", "ask.up");
  const down = button(1, "↓", "ask.down");
  const onKey = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    move(position, by, by < 0 ? up : down);
  };
  const number = h("span", { class: "number" });
  const at = now.given?.indexOf(position);
  const judged = now.done && now.solution && now.given ? now.solution[at] === position : null;
  const state = judged === null ? "" : judged ? "is-right" : "is-wrong";
  const moves = h("span", { class: "moves", on: { keydown: onKey } }, up, down);
  const node = h("li", { class: `step ${state}` }, [
    number,
    h("span", { class: "text" }, prose(text)),
    now.locked ? tick(judged, t) : moves,
  ]);
  const show = (place, count) => {
    number.textContent = place + 1;
    up.setAttribute("aria-disabled", place === 0);
    down.setAttribute("aria-disabled", place === count - 1);
  };
  return { node, show };
}
