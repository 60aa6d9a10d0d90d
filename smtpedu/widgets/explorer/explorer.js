import { frame, h, head, listen, prose, set } from "../shared/base.js";
import { card, reference } from "../shared/card.js";
import { codeTable } from "./table.js";

// Vowel marks, accents, and hamzas on their carriers; the stroke that only stretches a word.
const MARKS = /[\p{Mn}\u0640]/gu;

/** Text as people type it: marks are left out, alef maqsura is ya, ta marbuta is ha. */
function folded(text) {
  const bare = text.toLowerCase().normalize("NFD").replace(MARKS, "");
  return bare.replaceAll("\u0649", "\u064a").replaceAll("\u0629", "\u0647");
}

/** Whether a code fits: words are looked for in all its texts, and in those of `english`. */
export function fits(code, { search, command }, english = code) {
  if (command && !code.commands.includes(command) && !code.commands.includes("any")) return false;
  const texts = [code, english].flatMap((one) => Object.values({ ...one.texts, language: "" }));
  const all = folded([code.code, code.text, ...texts].join(" "));
  return folded(search)
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function filters(model, commands, t) {
  const change = ({ target }) => set(model, { [target.name]: target.value });
  const search = h("input", { type: "search", name: "search", on: { input: change } });
  const verb = (name) => (name === name.toUpperCase() ? name : t(`verb.${name}`));
  const command = h("select", { name: "command", on: { change } }, [
    h("option", { value: "" }, t("explorer.all")),
    commands.map((name) => h("option", { value: name }, verb(name))),
  ]);
  const clear = () => set(model, { search: "", command: "" });
  const count = h("p", { class: "s-soft", role: "status" });
  const button = h("button", { class: "s-quiet", on: { click: clear } }, t("explorer.clear"));
  const label = (control) => h("label", {}, t(`explorer.${control.name}`), control);
  const node = h("div", { class: "s-head" }, label(search), label(command), button, count);
  const show = (wanted, values) => {
    for (const control of [search, command]) control.value = wanted[control.name];
    count.textContent = t("explorer.count", values);
  };
  return { node, show };
}

/** What is said instead of a card where no code fits. */
function nothing(search, unofficial, t) {
  const claimed = Object.hasOwn(unofficial, search) && unofficial[search];
  const said = claimed ? [t("explorer.unofficial"), " ", prose(claimed)] : t("explorer.none");
  return h("p", { class: "s-note" }, said);
}

function draw(model, root, t, { codes, commands, unofficial }, english) {
  const controls = filters(model, commands, t);
  const table = codeTable(codes, t, (code) => set(model, { code }));
  const detail = h("div", { class: "s-fold" });
  const status = h("p", { class: "s-aloud", role: "status" });
  root.append(head(t("explorer.title")), controls.node, table.node, detail, reference(t), status);
  let [drawn, asked] = [];
  const show = () => {
    const wanted = { search: model.get("search"), command: model.get("command") };
    const fitting = codes.filter((code, n) => fits(code, wanted, english[n]));
    const isNew = JSON.stringify(wanted) !== asked;
    asked = JSON.stringify(wanted);
    if (isNew && fitting.length === 1) set(model, { code: fitting[0].code });
    const chosen = codes.find(({ code }) => code === model.get("code"));
    controls.show(wanted, { count: fitting.length, all: codes.length });
    table.show(chosen?.code, fitting);
    const wantedNow = fitting.length ? (chosen ?? "") : wanted.search.trim();
    if (drawn === wantedNow) return;
    drawn = wantedNow;
    const choose = () => h("p", { class: "s-soft" }, t("explorer.choose"));
    const instead = () => (fitting.length ? choose() : nothing(drawn, unofficial, t));
    detail.replaceChildren(drawn === chosen ? card(chosen, t) : instead());
    status.textContent = detail.querySelector("h3, p").textContent;
  };
  show();
  return listen(model, ["search", "command", "code"], show);
}

export const state = async ({ code = 0 }) => ({ search: "", command: "", code });

export default {
  remembers: ["language", "search", "command", "code"],
  async render(context) {
    const known = await context.kit.load("codes");
    return frame(context, "explorer", (root, t, language) =>
      draw(context.model, root, t, known[language], known.en.codes),
    );
  },
};
