import { h, prose } from "../shared/base.js";
import { chip, flow } from "../shared/parts.js";

/* Beside a question: what the learner believes, as a still picture, above what happens. */

/** Null where no answer shows a belief that has a picture. `scenes` is misconception → pictures. */
export function scene(now, scenes, t) {
  const belief = now.misconceptions.findLast((name) => scenes[name]);
  if (!belief || now.right === null) return null;
  const { believed, happens } = scenes[belief];
  const isToTell = happens && now.done;
  if (!believed && !isToTell) return null;
  return h("aside", { class: "quiz-scene", "aria-label": t("ask.scene") }, [
    believed && picture("quiz-believed", t("ask.you_said", believed), believed),
    isToTell && [
      picture("quiz-happens", t("ask.what_happens", happens), happens),
      h("p", { class: "s-caption", "aria-hidden": "true" }, prose(happens.caption)),
    ],
  ]);
}

function picture(kind, title, { parts, caption, code }) {
  return h("div", { class: kind }, [h("h4", {}, titled(title)), flow(parts, caption, code)]);
}

/** A title whose codes are chips. */
function titled(text) {
  const isCode = (part) => /^[2-5]\d\d$/.test(part);
  return text.split("`").map((part, n) => (n % 2 && isCode(part) ? chip(part) : part));
}
