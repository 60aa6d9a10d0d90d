import { h, prose } from "../shared/base.js";
import { chip, mark, unknown } from "../shared/parts.js";
import { answer, ask, verdict } from "./steps.js";

/* The question in the place of a reply, and what became of the answer. */

/** What a code says to a command. */
function meaning(texts, verb, code) {
  return texts.means[`${verb} ${code}`] ?? texts.means[`any ${code}`] ?? "";
}

/** The place of the reply that is to be predicted: its element, and how to show a state. */
export function question(model, t, texts) {
  const node = h("li", { class: "s-turn s-answers" });
  let asked = 0;
  const key = (code, n) =>
    h("button", { on: { click: () => answer(model, code) } }, [
      chip(code),
      h("span", {}, texts.titles[code] ?? ""),
      h("small", { class: "s-caption s-end", "aria-hidden": "true" }, n + 1),
    ]);
  const show = (now, number) => {
    node.hidden = !number;
    if (number === asked) return;
    asked = number;
    if (!number) return;
    const title = t("player.question");
    const keys = { class: "player-keys", role: "group", "aria-label": title };
    node.replaceChildren(
      h("div", { class: "s-rung" }, unknown(), h("b", { class: "s-said" }, title)),
      h("div", keys, now.turns[number - 1].choices.map(key)),
    );
  };
  return { node, show };
}

/** Why a server does not say this code here. */
export function whyNot(texts, { verb, inTurn }, guess) {
  const isEarly = !inTurn && guess < 400;
  const { why_not: why } = texts;
  return why[`${verb} ${isEarly ? "out-of-turn" : guess}`] ?? why[`any ${guess}`] ?? "";
}

/** How a prediction was judged, as nodes. */
export function judged(turn, guess, t, texts) {
  const result = verdict(turn, guess);
  const values = { code: turn.code, guess };
  const said = [t(`player.${result}`, values)];
  if (result === "wrong") said.push(whyNot(texts, turn, guess));
  if (result === "lawful") {
    said.push(meaning(texts, turn.verb, guess));
    said.push(t("player.this_server", values), texts.means[turn.means]);
  }
  return prose(said.join(" "));
}

const SIGNS = { right: "✓", lawful: "≈", wrong: "✗" };

/** The verdict below a reply, from where the reply can be predicted again. */
export function verdictNote(model, turn, number, guess, t, texts) {
  const result = verdict(turn, guess);
  const click = ({ target }) => {
    const list = target.closest("ol");
    ask(model, number);
    list.querySelector(".player-keys button")?.focus();
  };
  const button = h("button", { class: "s-quiet", on: { click } }, t("player.again"));
  return h("div", { class: "player-verdict" }, [
    guess ? mark(guess === turn.code, null, SIGNS[result]) : null,
    h("p", {}, judged(turn, guess, t, texts), " ", button),
  ]);
}

/** What stays of a prediction at the end of its arrow. */
export function trace(turn, guess, t) {
  if (!guess) return [];
  const result = verdict(turn, guess);
  const sign = mark(result === "right", t("player.guessed"), SIGNS[result]);
  return [sign, result === "right" ? "" : chip(guess)];
}
