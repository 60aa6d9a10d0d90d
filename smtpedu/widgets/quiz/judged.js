import { mark } from "../shared/parts.js";

/* What is told of one thing that can be chosen: an option, a line, a cell. That it is yours, and
   that it is right, are two marks. */

/** Whether it is `right`, whether it is `given` now, and the `tag` that says when it was; `tries`
    tell whether it was chosen in each. Before the end only what was chosen wrongly is told. */
export function judgement(isRight, tries, { done, failed, earlier }) {
  const at = tries.lastIndexOf(true);
  const given = at >= 0 && at === tries.length - 1;
  const when = at ? "ask.your_second" : "ask.your_first";
  const tag = done && !earlier.length ? "ask.your_answer" : when;
  if (isRight && done) return { given, right: true, tag: given ? tag : "ask.missed" };
  return isRight || at < 0 || !(done || failed) ? {} : { given, right: false, tag };
}

/** The responses so far, the first one first. */
export function responses({ earlier, given }) {
  return [...earlier.map(({ response }) => response), given];
}

/** ✓ or ✗ of an answer; filled where it is the learner's. */
export function sign(isRight, isYours, t) {
  const said = t(isRight ? "ask.is_right" : "ask.is_wrong");
  const node = mark(isRight, isYours ? `${t("ask.your_answer")}: ${said}` : said);
  if (!isYours) node.classList.add("quiz-missed");
  return node;
}
