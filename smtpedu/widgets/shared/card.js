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

/** What the sources are, in one line. */
export function links(list, t, title = "compare.more") {
  return h("p", { class: "s-links" }, [h("span", { class: "s-soft" }, t(title)), sources(list)]);
}

/** The wording of the RFC and the texts of a code; what is not translated says its language. */
export function description({ text, texts }, t) {
  const part = (name) =>
    h("section", {}, h("h4", {}, t(`card.${name}`)), h("p", {}, prose(texts[name])));
  return [
    h("p", { class: "s-soft" }, literal(text)),
    h("div", { class: "s-parts", lang: texts.language }, ["description", "when", "fix"].map(part)),
  ];
}

/** The whole card. */
export function card(code, t) {
  const [defined, parts] = description(code, t);
  return h("article", { class: "s-card" }, [
    poster(code, [], defined),
    parts,
    links(code.sources, t),
  ]);
}
