import { digits, frame, h, listen, prose, set, titledTable } from "../shared/base.js";
import { card, sources } from "../shared/card.js";

// Vowel marks, accents, and hamzas on their carriers; the stroke that only stretches a word.
const MARKS = /[\p{Mn}\u0640]/gu;

/** Text as people type it: marks are left out, alef maqsura is ya, ta marbuta is ha. */
function folded(text) {
  const bare = text.toLowerCase().normalize("NFD").replace(MARKS, "");
  return bare.replaceAll("\u0649", "\u064a").replaceAll("\u0629", "\u0647");
}

/** Whether a code fits the filters; words are looked for in all its texts. */
export function fits(code, { search, first, second, command }) {
  const [one, two] = String(code.code);
  if (first && one !== first) return false;
  if (second && two !== second) return false;
  if (command && !code.commands.includes(command) && !code.commands.includes("any")) return false;
  const { language: _, ...texts } = code.texts;
  const all = folded([code.code, code.text, ...Object.values(texts)].join(" "));
  return folded(search)
    .split(/\s+/)
    .every((word) => all.includes(word));
}

const FILTERS = ["search", "first", "second", "command"];

function filters(model) {
  return Object.fromEntries(FILTERS.map((name) => [name, model.get(name)]));
}

function choice(model, name, label, options, all) {
  const select = h(
    "select",
    { name, on: { change: (event) => set(model, { [name]: event.target.value }) } },
    h("option", { value: "" }, all),
    options.map(([value, said]) => h("option", { value }, said)),
  );
  return h("label", {}, label, select);
}

function bar(model, t) {
  const digit = (key, numbers) =>
    numbers.map((n) => [String(n), `${n} – ${t(`${key}.${n}`).split(/[:؛]/)[0]}`]);
  const verb = (name) => [name, name === name.toUpperCase() ? name : t(`verb.${name}`)];
  const search = h("input", {
    type: "search",
    name: "search",
    on: { input: (event) => set(model, { search: event.target.value }) },
  });
  const clear = () => set(model, { search: "", first: "", second: "", command: "" });
  return h("div", { class: "bar", role: "group", "aria-label": t("explorer.filters") }, [
    h("label", {}, t("explorer.search"), search),
    choice(model, "first", t("explorer.first"), digit("outcome", [2, 3, 4, 5]), t("explorer.all")),
    choice(
      model,
      "second",
      t("explorer.second"),
      digit("category", [0, 1, 2, 3, 5]),
      t("explorer.all"),
    ),
    choice(
      model,
      "command",
      t("explorer.command"),
      model.get("_commands").map(verb),
      t("explorer.all"),
    ),
    h("button", { on: { click: clear } }, t("explorer.clear")),
  ]);
}

function codeRow(model, code, t) {
  const choose = () => set(model, { code: code.code });
  const button = h("button", { on: { click: choose } }, digits(code.code));
  return h("tr", { "data-code": code.code }, [
    h("th", { scope: "row" }, button),
    h("td", {}, code.texts.title),
    h("td", {}, t(`outcome.${String(code.code)[0]}`)),
  ]);
}

function draw(model, root, t, language, books) {
  const { codes } = books[language];
  const controls = bar(model, t);
  const rows = codes.map((code) => codeRow(model, code, t));
  const head = ["explorer.code", "explorer.name", "explorer.outcome"];
  const table = titledTable(
    head.map((key) => t(key)),
    rows,
  );
  const count = h("p", { class: "soft", role: "status", "aria-live": "polite" });
  const none = h("p", { role: "status" });
  const detail = h("div");
  const chosenTitle = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  const list = h(
    "div",
    { class: "list", tabindex: 0, role: "group", "aria-label": t("explorer.title") },
    table,
  );
  root.append(
    h("h3", {}, t("explorer.title")),
    controls,
    count,
    none,
    h("div", { class: "columns" }, list, detail),
    chosenTitle,
  );

  const showList = () => {
    const wanted = filters(model);
    let shown = 0;
    codes.forEach((code, n) => {
      rows[n].hidden = !fits(code, wanted);
      shown += rows[n].hidden ? 0 : 1;
    });
    for (const name of FILTERS) {
      const control = controls.querySelector(`[name=${name}]`);
      if (control.value !== wanted[name]) control.value = wanted[name];
    }
    none.hidden = shown > 0;
    const { unofficial } = books[language];
    const asked = wanted.search.trim();
    const claimed = Object.hasOwn(unofficial, asked) && unofficial[asked];
    none.replaceChildren(
      ...(claimed
        ? [t("explorer.unofficial"), " ", ...prose(claimed).flat()]
        : [t("explorer.none")]),
    );
    count.textContent = t("explorer.count", { count: shown, all: codes.length });
  };
  const showCard = () => {
    const chosen = codes.find(({ code }) => code === model.get("code"));
    codes.forEach((code, n) => {
      rows[n].classList.toggle("chosen", code === chosen);
      rows[n].querySelector("button").setAttribute("aria-pressed", code === chosen);
    });
    chosenTitle.textContent = chosen ? `${chosen.code} ${chosen.texts.title}` : "";
    const more = chosen && [h("h4", {}, t("compare.more")), sources(chosen.sources)];
    detail.replaceChildren(
      ...(chosen ? [card(chosen, t), ...more] : [h("p", { class: "soft" }, t("explorer.choose"))]),
    );
  };
  showList();
  showCard();
  const stop = [listen(model, FILTERS, showList), listen(model, ["code"], showCard)];
  return () => {
    for (const unlisten of stop) unlisten();
  };
}

export default {
  async render(context) {
    const books = await unpacked(context.model.get("_book"));
    return frame(context, "explorer", (root, t, language) =>
      draw(context.model, root, t, language, books),
    );
  },
};
