import { digits, h, prose, wire } from "./base.js";

/* The card of one reply code, shared by the comparison and the explorer. */

/** The texts of a code; what is not translated says which language it is in. */
export function card(code, t, marked = []) {
  const { texts } = code;
  const part = (name) => [h("h4", {}, t(`card.${name}`)), h("p", {}, prose(texts[name]))];
  return h("article", { class: "card", lang: texts.language }, [
    h("h3", {}, digits(code.code, marked), " ", texts.title),
    h("p", { class: "as-defined" }, wire(code.text)),
    part("description"),
    part("when"),
    part("fix"),
  ]);
}

/** Links to the sources; they open beside the notebook, never in its place. */
export function sources(list) {
  const url = (source) => {
    const [, number, section] = source.match(/RFC (\d+)(?: §([\d.]+))?/);
    return `https://www.rfc-editor.org/rfc/rfc${number}${section ? `#section-${section}` : ""}`;
  };
  const link = (source) =>
    h("a", { href: url(source), target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, source);
  const items = list.map((source) => h("li", {}, link(source)));
  return h("ul", {}, items);
}
