import { mark } from "../shared/parts.js";

/** ✓ or ✗ of an answer, nothing for null; filled where it is the learner's. */
export function sign(judged, isYours, t) {
  if (judged === null) return null;
  const said = t(judged ? "ask.is_right" : "ask.is_wrong");
  const node = mark(judged, isYours ? `${t("ask.your_answer")}: ${said}` : said);
  if (!isYours) node.classList.add("quiz-missed");
  return node;
}
