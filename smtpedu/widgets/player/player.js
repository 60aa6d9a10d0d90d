import { frame, h, head, listen, literal, prose, set, visible } from "../shared/base.js";
import { envelope, replyPanel, stands } from "../shared/envelope.js";
import { ladder } from "../shared/ladder.js";
import { verbName } from "../shared/parts.js";
import { map } from "./map.js";
import { judged, question, trace, verdictNote } from "./predict.js";
import * as steps from "./steps.js";

export { state } from "./state.js";

/** Arrow keys follow the reading direction, on the map as on any slider; digits are predictions. */
function onKey(model, root, event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key.startsWith("Arrow") && target.closest(".player-keys")) return; // no skipping
  const isMap = target.matches("[role=slider]");
  const step = model.get("step");
  const goTo = (to) => () => steps.go(model, to);
  const [onward, back] = [isMap ? goTo(step + 1) : () => steps.next(model), goTo(step - 1)];
  const [toLeft, toRight] = root.dir === "rtl" ? [onward, back] : [back, onward];
  const moves = {
    ArrowLeft: toLeft,
    ArrowRight: toRight,
    ArrowUp: isMap ? onward : back,
    ArrowDown: isMap ? back : onward,
    Home: goTo(0),
    End: goTo(Number.POSITIVE_INFINITY),
    Escape: () => set(model, { highlight: 0 }),
  };
  const now = steps.present(model);
  const code = steps.isOpen(now, step + 1) && now.turns[step].choices[Number(key) - 1];
  const move = code ? () => steps.answer(model, code) : moves[key];
  if (!move) return;
  event.preventDefault();
  move();
}

/* ---- the head ---- */

/** Which replies are to be predicted, in words. */
function asked(model, t) {
  const named = model.get("named");
  const verbs = named.flatMap((verb, n) => [n ? t("list.separator") : " ", verbName(verb, t)]);
  if (verbs.length) return [t("player.predict_to"), verbs];
  const replies = model.get("turns").filter(({ code }) => code);
  const isAll = replies.every(({ verb }) => model.get("asks").includes(verb));
  return t(isAll ? "player.predict" : "player.predict_between");
}

function controls(model, t) {
  const button = (key, kind, click) => h("button", { class: kind, on: { click } }, t(key));
  const icon = (node, sign, key) => {
    node.textContent = sign;
    node.title = t(key);
    node.setAttribute("aria-label", node.title);
  };
  const back = button("player.back", "", () => steps.go(model, model.get("step") - 1));
  const next = button("player.next", "s-go", () => steps.next(model));
  const play = button("", "s-quiet", () => set(model, { playing: !model.get("playing") }));
  const again = button("", "s-quiet", () => steps.again(model));
  icon(again, "↺", "player.again_all");
  const change = ({ target }) => set(model, { predict: target.checked, playing: false });
  const predict = h("input", { type: "checkbox", on: { change } });
  const label = h("label", {}, predict, h("span", {}, asked(model, t)));
  const position = h("span", { class: "s-soft" });
  const name = model.get("name");
  const title = name ? [t("player.title"), " ", literal(name)] : t("player.own");
  const node = head(title, position, back, next, play, label, again);
  const show = (now) => {
    const isOpen = steps.isOpen(now, now.step + 1);
    const score = steps.score(now);
    const scored = score.made && now.predict ? ` · ${t("player.score", score)}` : "";
    const last = now.turns.length;
    position.textContent = t("player.position", { step: now.step, last }) + scored;
    back.setAttribute("aria-disabled", now.step === 0);
    next.setAttribute("aria-disabled", now.step === last);
    next.textContent = t(isOpen ? "player.skip" : "player.next");
    next.classList.toggle("s-go", !isOpen);
    icon(play, ...(now.playing ? ["❚❚", "player.pause"] : ["▶", "player.play"]));
    again.hidden = !now.predict || Object.keys(now.guesses).length === 0;
    predict.checked = now.predict;
  };
  return { node, show, next };
}

/* ---- the dialogue ---- */

function dialogue(model, t, texts) {
  const asked = question(model, t, texts);
  let now;
  // Under a reply stands what it promised, or what became of its prediction, as long as it is the
  // latest; at the end of its arrow the prediction stays.
  const about = ({ turn, under, end }, number) => {
    if (!turn.code) return;
    const isLatest = number === now.step || (number === now.step - 1 && !now.turns[number].code);
    const guess = steps.isAsked(now, number) ? now.guesses[number] : undefined;
    const isJudged = guess !== undefined && isLatest && !now.highlight;
    under.replaceChildren(
      turn.code === now.highlight ? h("p", {}, prose(texts.means[turn.means])) : "",
      isJudged ? verdictNote(model, turn, number, guess, t, texts) : "",
    );
    end.replaceChildren(...(isJudged ? [] : trace(turn, guess, t)));
  };
  const rungs = ladder(t, {
    choose: (number) => steps.go(model, number),
    press: (code) => set(model, { highlight: model.get("highlight") === code ? 0 : code }),
    tail: [asked.node],
    about,
  });
  const remark = ([key, values]) => h("p", { class: "s-soft s-after" }, prose(t(key, values)));
  const show = (next) => {
    const highlight = steps.promises(next).length ? next.highlight : 0;
    now = { ...next, highlight };
    asked.show(now, steps.isOpen(now, now.step + 1) ? now.step + 1 : 0);
    rungs.show({ ...now, shown: now.step });
  };
  return { node: h("div", {}, rungs.node, model.get("remarks").map(remark)), show };
}

/** What a screen reader hears when a turn appears, or a code is highlighted. */
function spoken(now, before, t, texts) {
  const plain = (text) => text.replaceAll("`", "");
  if (now.highlight && now.highlight !== before.highlight) {
    const said = steps.promises(now).map((means) => texts.means[means]);
    return plain([t("player.promised", { code: now.highlight }), ...said].join(" "));
  }
  const turn = now.turns[now.step - 1];
  if (!turn) return "";
  const guess = steps.isAsked(now, now.step) ? now.guesses[now.step] : undefined;
  const judgement = guess ? h("i", {}, judged(turn, guess, t, texts)).textContent : "";
  const means = turn.code ? plain(texts.means[turn.means]) : "";
  const asked = steps.isOpen(now, now.step + 1) ? t("player.question") : "";
  const said = `${t(`player.${turn.from}`)}: ${turn.lines.join(" ")}.`;
  return [judgement, said, means, asked].filter(Boolean).join(" ");
}

function draw(model, root, t, texts) {
  const top = controls(model, t);
  const line = map(model, t);
  const talk = dialogue(model, t, texts);
  const reply = h("section");
  const paper = envelope(t);
  const place = h("p", { class: "s-caption" });
  const status = h("p", { class: "s-aloud", role: "status" });
  const panels = h("div", { class: "s-panels" }, reply, paper.node, place);
  const notice = h("p", { class: "s-note", role: "status" });
  root.append(top.node, notice, line.node, h("div", { class: "s-two" }, talk.node, panels), status);
  let before = {};
  const show = () => {
    const now = steps.present(model);
    const focused = root.contains(document.activeElement) && document.activeElement;
    for (const part of [talk, top, line, paper]) part.show(now);
    const turn = now.turns[now.step - 1];
    const begin = steps.isOpen(now, 1) ? "player.begin_predict" : "player.begin";
    reply.replaceChildren(...replyPanel(turn, t, texts, begin));
    place.replaceChildren(...stands(turn, t));
    const reason = model.get("notice");
    notice.hidden = !reason;
    notice.replaceChildren(...prose(reason && t("player.not_kept", { reason })).flat());
    status.textContent = visible(spoken(now, before, t, texts));
    before = now;
    // What is gone now has lost the focus: the keyboard goes on at Next, not in JupyterLab.
    const isGone = focused && (!focused.isConnected || focused.closest("[hidden]"));
    if (isGone) top.next.focus({ preventScroll: true });
  };
  root.onkeydown = (event) => onKey(model, root, event);
  show();
  return listen(model, ["step", "predict", "playing", "highlight", "guesses", "notice"], show);
}

export default {
  remembers: ["language", "step", "predict", "highlight", "guesses"],
  // The clock belongs to the model: two views of a player share it.
  initialize: ({ model }) => steps.clock(model),
  async render(context) {
    const meanings = await context.kit.load("meanings");
    const own = context.model.get("texts");
    return frame(context, "player", (root, t, language) => {
      const { means, ...names } = meanings[language];
      return draw(context.model, root, t, { ...names, means: { ...means, ...own[language] } });
    });
  },
};
