import { h, prose } from "../shared/base.js";
import { ranked, mark as sign, standingOf } from "../shared/parts.js";
import { mark, tally } from "./attempts.js";
import { scene } from "./scene.js";
import { STATES } from "./strip.js";
import { readings } from "./verdict.js";

/* The end of a quiz: how it went, what one knows, what to read and where. And the last page
   of an exam before it is handed in. */

/** `quiz` is what `sitting.present` gives, with `inLanguage(item)`, its attributes; `acts`: goOn,
    go, again; `scenes`: misconception → its pictures; `link` as in a kit. */
export function summary(quiz, { t, language, acts, scenes = {}, link }) {
  const found = tally(quiz.items, quiz.standings);
  const { right, open } = found;
  const all = quiz.items.length;
  // What is right is no result as long as something is open.
  const said = t(open ? "ask.finished" : "ask.result", { done: all - open, right, all });
  const title = h("h4", { tabindex: -1 }, said);
  const [known, again] = objectives(found, quiz, { t, language, link });
  return page(title, [
    h("div", { class: "quiz-thirds" }, [
      h("div", {}, [title, h("p", { class: "s-soft" }, lines(found, quiz, t).join(" ")), known]),
      again,
    ]),
    beliefs(found, quiz, { t, language, scenes }),
    questions(quiz, t, acts),
    open > 0 && button("ask.go_on", acts.goOn, "s-go", t),
    button("ask.again", acts.again, open ? "" : "s-go", t),
  ]);
}

function page(title, parts) {
  return { node: h("section", { class: "quiz-summary" }, parts), focus: () => title.focus() };
}

function button(key, act, kind, t) {
  return h("button", { class: kind, on: { click: act } }, t(key));
}

function lines({ right, first, lucky, open }, { items, exam }, t) {
  const isBegun = open > 0 && open < items.length;
  return [
    isBegun && t("ask.right_so_far", { right }),
    !open && !exam && right > 0 && t("ask.result_first", { first }),
    lucky > 0 && t("ask.result_lucky", { lucky }),
    open > 0 && t("ask.result_open", { open }),
  ].filter(Boolean);
}

/** What is known, and what to read where. */
function objectives({ mastered, objectives: again, open }, { known }, { t, language, link }) {
  const there = (names) => names.filter((name) => known.objectives[name]?.[language]);
  const title = (name) => h("p", {}, prose(known.objectives[name][language].title));
  const part = (key, rows) =>
    rows.length > 0 && h("div", {}, h("h4", {}, t(key)), h("ul", {}, rows));
  const good = there(mastered).map((name) => h("li", {}, sign(true, ""), title(name)));
  const weak = there(again).map((name) => {
    const { lesson, [language]: texts } = known.objectives[name];
    const rfcs = texts.read.match(/RFC \d+(?: §[\d.]*\d)?/g) ?? [];
    const place = lessonLink(lesson, known.lessons?.[language]?.[lesson], { t, link });
    return h("li", {}, title(name), readings(rfcs.join(";"), place));
  });
  const well = !open && h("p", {}, t("ask.nothing_to_read"));
  return [part("ask.mastered", good), part("ask.to_read", weak) || well];
}

/** A lesson by its number, which opens its notebook, if there is one. */
function lessonLink(lesson, notebook, { t, link }) {
  const said = t("ask.lesson", { lesson });
  if (!notebook) return said;
  const anchor = h("a", {}, said);
  link(anchor, notebook);
  return anchor;
}

/** The two that matter most, and the others folded. */
function beliefs({ beliefs: found }, { known }, { t, language, scenes }) {
  const met = found.filter(({ name }) => known.misconceptions[name]);
  const row = ({ name, status, signs, chances }) => {
    const { source, [language]: texts } = known.misconceptions[name];
    const counts = t("report.cells", { full: signs, count: chances });
    return h("li", { class: "quiz-belief s-fold" }, [
      h("p", {}, standingOf(status, t), " ", h("span", { class: "s-caption" }, counts)),
      h("strong", {}, h("q", {}, prose(texts.belief))),
      h("p", {}, prose(texts.rebuttal)),
      readings(source),
      scene({ misconceptions: [name], done: true }, scenes, t),
    ]);
  };
  const parts = () => [h("h4", {}, t("ask.beliefs")), ranked(met, row, "quiz-thirds", t)];
  return met.length > 0 && h("div", {}, parts());
}

/** All questions by name; folded, for the strip above has them all. */
function questions({ items, standings, exam, inLanguage }, t, acts, isOpen = false) {
  const row = (item, n) => {
    const [key, sign = "○"] = STATES[mark(standings[n], exam)];
    const button = h("button", { class: "s-quiet", on: { click: () => acts.go(n) } }, [
      h("span", { "aria-hidden": "true" }, sign),
      h("span", { class: "s-aloud" }, `${t(key)}: `),
      h("span", {}, h("span", inLanguage(item), prose(item.stem))),
    ]);
    return h("li", {}, button);
  };
  return h("details", { class: "s-fold", open: isOpen }, [
    h("summary", {}, t("ask.all_questions")),
    h("ol", { class: "quiz-questions" }, items.map(row)),
  ]);
}

const HOW_FULL = { true: "ask.hand_in_gaps", false: "ask.hand_in_ready" };

/** Before an exam is handed in: what is answered, what is not. */
export function handIn(quiz, { t, acts }) {
  const answered = quiz.standings.filter(({ tries }) => tries > 0).length;
  const all = quiz.items.length;
  const title = h("h4", { tabindex: -1 }, t("ask.hand_in_title", { answered, all }));
  return page(title, [
    h("div", {}, title, h("p", {}, t(answered ? HOW_FULL[answered < all] : "ask.hand_in_none"))),
    questions(quiz, t, acts, true),
    answered > 0 && button("ask.hand_in", acts.handIn, "s-go", t),
    button("ask.back", acts.back, "s-quiet", t),
  ]);
}
