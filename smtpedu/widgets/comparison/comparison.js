import { digits, frame, h, listen, prose, set, titledTable } from "../shared/base.js";
import { card, sources } from "../shared/card.js";

/** The positions of the digits in which two codes differ. */
export function differing(a, b) {
  return [0, 1, 2].filter((n) => String(a)[n] !== String(b)[n]);
}

/** The hand-written comparison of two codes, in either order. */
export function pairOf(book, a, b) {
  return book.pairs[`${Math.min(a, b)}-${Math.max(a, b)}`];
}

function picker(model, trait, label, codes) {
  const option = ({ code, texts }) => h("option", { value: code }, `${code} ${texts.title}`);
  const select = h(
    "select",
    { on: { change: (event) => set(model, { [trait]: Number(event.target.value) }) } },
    codes.map(option),
  );
  select.value = model.get(trait);
  return h("label", {}, label, select);
}

function differenceTable(a, b, t) {
  const row = ([aspect, ofA], index) => {
    const ofB = b.facts[index][1];
    const differs = ofA !== ofB;
    return h("tr", { class: differs ? "differs" : "" }, [
      h("th", { scope: "row" }, t(`aspect.${aspect}`)),
      h("td", {}, prose(ofA)),
      h("td", {}, prose(ofB)),
      h("td", {}, t(differs ? "compare.yes" : "compare.no")),
    ]);
  };
  const head = [t("compare.aspect"), digits(a.code), digits(b.code), t("compare.differs")];
  return titledTable(head, a.facts.map(row), { class: "differences" });
}

function parts(book, a, b, t) {
  if (a === b) return [h("p", {}, t("compare.same")), card(a, t)];
  const marked = differing(a.code, b.code);
  const pair = pairOf(book, a.code, b.code);
  const use = (code) =>
    h("li", {}, digits(code.code), " ", prose(pair ? pair.use[code.code] : code.texts.use));
  const read = pair ? pair.read : [...new Set([...a.sources, ...b.sources])];
  return [
    h("p", { class: "soft" }, t("compare.digit_differs")),
    h("div", { class: "cards" }, [card(a, t, marked), card(b, t, marked)]),
    h("h3", {}, t("compare.differences")),
    differenceTable(a, b, t),
    pair &&
      h(
        "ul",
        { lang: pair.language },
        pair.difference.map((said) => h("li", {}, prose(said))),
      ),
    h("h3", {}, t("compare.use")),
    h("ul", {}, use(a), use(b)),
    pair &&
      h("p", { class: "trap" }, h("strong", {}, `${t("compare.trap")}:`), " ", prose(pair.trap)),
    h("h3", {}, t("compare.more")),
    sources(read),
  ].filter(Boolean);
}

function draw(model, root, t, language, books) {
  const book = books[language];
  const find = (trait) => book.codes.find(({ code }) => code === model.get(trait));
  const pickers = h("div", { class: "bar" });
  const result = h("div");
  const status = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  const swap = () => set(model, { a: model.get("b"), b: model.get("a") });
  pickers.append(
    picker(model, "a", t("compare.first"), book.codes),
    h("button", { on: { click: swap } }, t("compare.swap")),
    picker(model, "b", t("compare.second"), book.codes),
  );
  const title = h("h3");
  root.append(title, pickers, result, status);
  const show = () => {
    pickers.querySelectorAll("select").forEach((select, n) => {
      select.value = model.get("ab"[n]);
    });
    result.replaceChildren(...parts(book, find("a"), find("b"), t));
    title.textContent = status.textContent = t("compare.title", {
      a: model.get("a"),
      b: model.get("b"),
    });
  };
  show();
  return listen(model, ["a", "b"], show);
}

export default {
  async render(context) {
    const books = await unpacked(context.model.get("_book"));
    return frame(context, "comparison", (root, t, language) =>
      draw(context.model, root, t, language, books),
    );
  },
};
