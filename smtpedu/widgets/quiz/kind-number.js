import { h } from "../shared/base.js";
import { decoder, digitTexts, tone } from "../shared/parts.js";
import { sign } from "./judged.js";

/* A number to be typed. Where only reply codes can be meant, each digit says what it means as soon
   as it stands there; of what is right that tells nothing. */

/** Digits as they are typed in Arabic are digits, too. */
function plain(text) {
  const digit = (one) => one.charCodeAt(0) % 16;
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, digit).trim();
}

/** The number that was typed, or null. */
export function digitsOf(text) {
  return /^\d{1,6}$/.test(plain(text)) ? Number(plain(text)) : null;
}

/** What was typed as far as a reply code can begin so, else "". */
export function codeBegun(text) {
  return /^[2-5]\d{0,2}$/.test(plain(text)) ? plain(text) : "";
}

/** Whether all answers that the question knows are reply codes; in an exam it knows none. */
export function asksForCode({ options }) {
  return options.length > 0 && options.every(({ value }) => value >= 200 && value <= 599);
}

export function control(item, now, { t, change, announce, name }) {
  const isJudged = now.done || (now.failed && now.draft === now.given);
  const typing = () => {
    verdict.replaceChildren();
    change(digitsOf(input.value));
    const code = show();
    if (code) announce(`${code}: ${digitTexts(code, t)[code.length - 1]}`);
  };
  // A code is not a quantity: no type="number", whose value a turn of the wheel would change.
  const [type, inputmode, autocomplete, maxlength] = ["text", "numeric", "off", 6];
  const more = { value: now.draft ?? "", readonly: now.locked, on: { input: typing } };
  const fixed = { id: name, type, inputmode, autocomplete, maxlength, dir: "ltr" };
  const input = h("input", { ...fixed, ...more });
  const verdict = h("span", {}, isJudged && sign(now.right, true, t));
  const box = h("div", {}, h("span", { class: "quiz-typed" }, input, verdict), h("ol"));
  const isDecoded = asksForCode(item);
  const show = () => {
    const code = isDecoded ? codeBegun(input.value) : "";
    input.style.setProperty("--quiz-digits", Math.max(3, input.value.length));
    box.className = `s-decoder quiz-decoder ${code && tone(code)}`;
    box.lastChild.replaceWith(code ? decoder(code, t, code.length).lastChild : h("ol"));
    return code;
  };
  show();
  const label = h("label", { for: name, class: "s-caption" }, t("ask.number"));
  const dir = t("widget.direction"); // not that of the question
  const node = h("div", { dir, class: isDecoded && "quiz-coded" }, label, box);
  return { node, value: () => digitsOf(input.value) };
}
