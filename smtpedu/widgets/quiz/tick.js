import { h } from "../shared/base.js";

/** ✓ or ✗ with its words for whoever cannot see it; nothing for null. */
export function tick(isRight, t) {
  if (isRight === null) return null;
  return h("span", { class: `tick ${isRight ? "is-right" : "is-wrong"}` }, [
    h("span", { "aria-hidden": "true" }, isRight ? "✓" : "✗"),
    h("span", { class: "aloud" }, ` (${t(isRight ? "ask.is_right" : "ask.is_wrong")})`),
  ]);
}
