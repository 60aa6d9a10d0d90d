import { h, literal, prose } from "./base.js";
import { sources, tone } from "./parts.js";

/* One reply code: its digits large, its texts, what to read. */

/** The digits as on a poster, those at `differing` places underlined, with what stands beside. */
export function poster({ code, texts }, differing = [], ...beside) {
  const digit = (one, n) => h("b", { class: differing.includes(n) && "s-differs" }, one);
  return h("div", { class: `s-poster ${tone(code)}`, lang: texts.language }, [
    h("bdi", { dir: "ltr", "aria-hidden": "true" }, [...String(code)].map(digit)),
    h("div", {}, h("h3", {}, h("span", { class: "s-aloud" }, `${code} `), texts.title), beside),
  ]);
}

/** What to read, in one line. */
export function links(list, t, title = "compare.more") {
  return h("p", { class: "s-links" }, h("span", { class: "s-soft" }, t(title)), sources(list));
}

/** That cards are for reference; once a widget. */
export function reference(t) {
  return h("p", { class: "s-soft" }, t("card.reference"));
}

/** A part under a small heading. */
export function part(title, ...content) {
  return h("section", {}, h("h4", {}, title), h("div", {}, content));
}

/** The texts of a code, side by side. */
export function description({ texts }, t) {
  const parts = ["description", "when", "fix"].map((name) =>
    part(t(`card.${name}`), prose(texts[name])),
  );
  return h("div", { class: "s-columns s-wide", lang: texts.language }, parts);
}

/** The whole card. */
export function card(code, t) {
  const wording = h("p", { class: "s-soft" }, literal(code.text));
  const parts = [poster(code, [], wording), description(code, t), links(code.sources, t)];
  return h("article", { class: "s-stack" }, parts);
}
