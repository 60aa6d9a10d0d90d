import { h, prose } from "../shared/base.js";
import { mark, tally } from "./attempts.js";
import { readings } from "./verdict.js";

/* The end of a quiz: how it went, what to read again, each question once more. And the last
   page of an exam before it is handed in. */

const MARKS = {
  open: { sign: "○", key: "ask.mark_open" },
  begun: { sign: "◐", key: "ask.mark_begun" },
  answered: { sign: "●", key: "ask.mark_answered" },
  right: { sign: "✓", key: "ask.mark_right" },
  second: { sign: "✓", key: "ask.mark_second" },
  wrong: { sign: "✗", key: "ask.mark_wrong" },
};

const SHOWN = 3; // beliefs that are answered at once; there is a limit to what one can take in

/** `quiz` is what `sitting.present` gives, with `directions` of languages; `acts`: goOn, go, again. */
export function summary(quiz, { t, language, acts }) {
  const { items, standings, known } = quiz;
  const found = tally(items, standings);
  const title = h("h4", { tabindex: -1 }, headline(found, items.length, t));
  const goOn = h("button", { class: "main", on: { click: acts.goOn } }, t("ask.go_on"));
  const again = h(
    "button",
    { class: found.open ? "" : "main", on: { click: acts.again } },
    t("ask.again"),
  );
  const node = h("section", { class: "summary" }, [
    title,
    found.open ? null : share(found, items.length),
    lines(found, quiz, t).map((line) => h("p", {}, line)),
    readAgain(found, known, language, t),
    beliefs(found, known, language, t),
    h("h4", {}, t("ask.all_questions")),
    questionList(quiz, t, acts),
    h("div", { class: "bar actions" }, found.open > 0 && goOn, again),
  ]);
  return { node, focus: () => title.focus() };
}

/** What is right is no result as long as something is open. */
function headline({ right, open }, all, t) {
  return open ? t("ask.finished", { done: all - open, all }) : t("ask.result", { right, all });
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

/** How much is right, as a picture; the title says it in words. */
function share({ right, first }, all) {
  const part = (count, kind) => {
    const bar = h("span", { class: kind });
    bar.style.inlineSize = `${(100 * count) / all}%`;
    return bar;
  };
  return h("div", { class: "share", "aria-hidden": "true" }, [
    part(first, "right"),
    part(right - first, "second"),
  ]);
}

function readAgain({ objectives, open }, known, language, t) {
  const texts = objectives.map((name) => known.objectives[name]?.[language]).filter(Boolean);
  if (!texts.length) return open ? null : h("p", {}, t("ask.nothing_again"));
  const row = ({ title, read }) => h("li", {}, h("strong", {}, prose(title)), h("br"), prose(read));
  return [h("h4", {}, t("ask.read_again")), h("ul", { class: "again" }, texts.map(row))];
}

function beliefs({ misconceptions }, known, language, t) {
  const met = misconceptions.map((name) => known.misconceptions[name]).filter(Boolean);
  if (!met.length) return null;
  const row = (one) =>
    h("li", {}, [
      h("p", { class: "belief" }, h("q", {}, prose(one[language].belief))),
      h("p", {}, prose(one[language].rebuttal)),
      readings(one.source),
    ]);
  const list = (some) => h("ul", { class: "beliefs" }, some.map(row));
  const more = met.slice(SHOWN);
  const title = h("summary", {}, t("ask.more_beliefs", { count: more.length }));
  return [
    h("h4", {}, t("ask.beliefs")),
    list(met.slice(0, SHOWN)),
    more.length > 0 && h("details", {}, title, list(more)),
  ];
}

function questionList({ items, standings, exam, directions }, t, acts) {
  const row = (item, n) => {
    const { sign, key } = MARKS[mark(standings[n], exam)];
    const stem = h("span", { lang: item.language, dir: directions[item.language] });
    stem.append(...prose(item.stem).flat());
    const button = h("button", { on: { click: () => acts.go(n) } }, [
      h("span", { class: "sign", "aria-hidden": "true" }, sign),
      h("span", { class: "aloud" }, `${t(key)}: `),
      stem,
    ]);
    return h("li", { class: mark(standings[n], exam) }, button);
  };
  return h("ol", { class: "all-questions" }, items.map(row));
}

const HOW_FULL = { true: "ask.hand_in_gaps", false: "ask.hand_in_ready" };

/** Before an exam is handed in: what is answered, what is not. */
export function handIn(quiz, { t, acts }) {
  const answered = quiz.standings.filter(({ tries }) => tries > 0).length;
  const all = quiz.items.length;
  const title = h("h4", { tabindex: -1 }, t("ask.hand_in_title", { answered, all }));
  const button = (key, act, kind) => h("button", { class: kind, on: { click: act } }, t(key));
  const node = h("section", { class: "summary" }, [
    title,
    h("p", {}, t(answered ? HOW_FULL[answered < all] : "ask.hand_in_none")),
    questionList(quiz, t, acts),
    h("div", { class: "bar actions" }, [
      answered > 0 && button("ask.hand_in", acts.handIn, "main"),
      h("span", { class: "moves" }, button("ask.back", acts.back, "quiet")),
    ]),
  ]);
  return { node, focus: () => title.focus() };
}
