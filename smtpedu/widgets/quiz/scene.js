import { h, prose } from "../shared/base.js";
import { chip, flow } from "../shared/parts.js";

/** What the learner believes, as a still picture, above what happens; null where no answer shows a
    belief that has one. `scenes` is misconception → pictures. */
export function scene({ misconceptions, done }, scenes, t) {
  const { believed, happens } = scenes[misconceptions.findLast((name) => scenes[name])] ?? {};
  const after = done && happens;
  if (!believed && !after) return null;
  const caption =
    after && h("p", { class: "s-caption", "aria-hidden": "true" }, prose(after.caption));
  return h("aside", { class: "quiz-scene", "aria-label": t("ask.scene") }, [
    believed && h("div", { class: "quiz-believed" }, picture("ask.you_said", believed, t)),
    after && h("div", { class: "s-fold" }, picture("ask.what_happens", after, t), caption),
  ]);
}

/** In its title codes are chips. */
function picture(key, { title, parts, caption, code }, t) {
  const piece = (part, n) => (n % 2 && /^[2-5]\d\d$/.test(part) ? chip(part) : part);
  return [h("h4", {}, t(key, { title }).split("`").map(piece)), flow(parts, caption, code)];
}
