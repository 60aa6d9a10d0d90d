import { h } from "../shared/base.js";
import { LONGEST_TEXT, written } from "./grading.js";

/* What do you think? Text to be written, which nobody judges. */

export function control(_, now, { t, change, name }) {
  const fixed = { id: name, rows: 2, maxlength: LONGEST_TEXT, dir: "auto", readonly: now.locked };
  const on = { input: () => change(value()) };
  const text = h("textarea", { ...fixed, class: "quiz-text", on });
  text.value = now.draft ?? ""; // as it was typed
  const value = () => written(text.value);
  const label = h("label", { for: name, class: "s-caption" }, t("ask.open"));
  return { node: h("div", {}, label, text), value };
}
