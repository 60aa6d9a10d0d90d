import { frame, h, head, listen, prose, visible } from "../shared/base.js";
import { question } from "./ask.js";
import { scrollBack } from "./excerpt.js";
import { courier, journal } from "./journal.js";
import { actions, present, recall, withDraft } from "./sitting.js";
import { follow } from "./state.js";
import { strip } from "./strip.js";
import { handIn, summary } from "./summary.js";

const HEEDED = ["answers", "at", "page", "run", "result", "notice"];

/* ---- above the question ---- */

function place({ standings, done, at, isOver }, t) {
  const count = standings.length;
  const right = standings.filter((one) => one.right).length;
  const end = isOver ? "ask.summary" : "ask.end";
  const where = at < count ? t("ask.place", { number: at + 1, count }) : t(end);
  const so = isOver ? t("ask.so_far", { done, right }) : t("ask.answered_so_far", { done });
  return `${where} · ${so}`;
}

/** What the learner should know of where the answers are. */
function notices({ model, memory, kept }, t) {
  const isWaiting = kept.entries().length > 0;
  const isSilent = !memory.alive;
  const others = kept.others();
  return [
    memory.trouble
      ? t("ask.trouble", { trouble: memory.trouble })
      : (memory.notice ?? model.get("notice")),
    isSilent && isWaiting && kept.isWhole() && t("ask.silent"),
    memory.handing && t(isSilent ? "ask.hand_in_later" : "ask.handing"),
    isSilent && memory.starting && t("ask.again_alone"),
    isWaiting && !kept.isWhole() && !model.get("shared") && t("ask.unkept"),
    others > 0 && t("ask.others", { count: others }),
  ].filter(Boolean);
}

/* ---- the question, or the end ---- */

function stage(quiz, memory, acts, { t, language, kit }) {
  const { items, at, isOver } = quiz;
  const scenes = memory.scenes[language] ?? {};
  if (at >= items.length && !isOver) return handIn(quiz, { t, acts });
  if (at >= items.length) return summary(quiz, { t, language, acts, scenes, link: kit.link });
  const as = quiz.inLanguage(items[at]);
  const isLast = at + 1 === items.length;
  const canEnd = !isLast && (!isOver || quiz.done > 0);
  const where = { isFirst: at === 0, isLast, canEnd, isAlone: quiz.prediction };
  return question(items[at], withDraft(quiz, memory, at), { t, as, acts, place: where, scenes });
}

/** Put the focus where the learner goes on, and say what happened. */
function attend(quiz, shown, memory, hadFocus) {
  const wanted = memory.wanted;
  memory.wanted = "";
  if (wanted) memory.announce(wanted === "verdict" ? shown.spoken() : "");
  if (wanted === "verdict") {
    shown.focus(quiz.standings[quiz.at].done ? "next" : "again");
  } else if (wanted || hadFocus) shown.focus("question");
}

function draw(root, { t, language, kit }, sitting) {
  const { model, memory } = sitting;
  const acts = actions(sitting, t);
  const inLanguage = ({ language: lang }) => ({
    lang,
    dir: kit.strings[lang]?.["widget.direction"],
  });
  const live = { role: "status", "aria-live": "polite" };
  const where = h("span", { class: "quiz-where s-soft" });
  const [top, stand] = [1, 2].map(() => h("div"));
  const notice = h("div", { class: "quiz-notice", ...live });
  const aloud = h("p", { class: "quiz-aloud s-aloud", ...live });
  let last = {}; // what was drawn
  const title = model.get("prediction") ? t("ask.prediction") : model.get("title")[language];
  root.append(head(prose(title), where), top, notice, stand, aloud);
  memory.announce = (text) => {
    aloud.textContent = visible(text);
  };
  memory.notify = () => {
    const said = notices(sitting, t);
    if (notice.dataset.said === said.join()) return;
    notice.dataset.said = said.join();
    const note = (text) => h("p", { class: "s-note" }, h("span", {}, prose(text)));
    notice.replaceChildren(...said.map(note));
  };
  memory.show = () => {
    const quiz = { ...present(sitting, language), inLanguage };
    const { known, items, ...seen } = quiz;
    // What comes after the question that is shown may be chosen anew meanwhile.
    const state = JSON.stringify([seen, items[quiz.at] ?? items]);
    // Python may only have said that it is there: what is half answered stays as it is.
    if (state !== last.state || memory.wanted) redraw(quiz, state);
    memory.notify();
  };
  const redraw = (quiz, state) => {
    const hadFocus = stand.contains(document.activeElement);
    const onStrip = [...(top.firstChild?.children ?? [])].indexOf(document.activeElement);
    const shown = stage(quiz, memory, acts, { t, language, kit });
    const to = (n) => (n === quiz.at ? shown.focus("question") : acts.go(n));
    const row = quiz.prediction ? h("div") : strip(quiz, t, to);
    where.textContent = quiz.prediction ? "" : place(quiz, t);
    top.replaceChildren(row);
    const { mark } = quiz.items[quiz.at] ?? {};
    const isSame = last.mark === mark;
    const scrolled = isSame ? (stand.querySelector(".quiz-dialogue")?.scrollTop ?? 0) : 0;
    last = { mark, state };
    stand.replaceChildren(shown.node);
    scrollBack(stand, scrolled);
    row.children[onStrip]?.focus();
    attend(quiz, shown, memory, hadFocus);
  };
  memory.show();
}

/* ---- all of it ---- */

/** Several values come at once and are drawn once. */
function heed({ model, memory }) {
  let due = false;
  const now = () => ({
    page: model.get("page"),
    run: model.get("run"),
    result: model.get("result"),
  });
  let before = now();
  const show = () => {
    due = false;
    const { page, run, result } = now();
    if (page !== before.page) memory.drafts = draftsOf(page, before, memory, run);
    if (run !== before.run || result !== before.result) {
      if (memory.starting || memory.handing) memory.wanted = "question";
      Object.assign(memory, { starting: false, handing: false });
    }
    before = { page, run, result };
    memory.show();
  };
  return listen(model, HEEDED, () => {
    if (!due) queueMicrotask(show);
    due = true;
  });
}

/** What is half answered of the questions that are still asked; of an earlier run, nothing. */
function draftsOf(page, before, { drafts }, { run }) {
  const isNew = before.run.run !== run && !before.run.alone;
  const marks = isNew ? [] : before.page.items.map(({ id, mark }) => `${mark} ${id}`);
  const there = page.items.filter(({ id, mark }) => marks.includes(`${mark} ${id}`) && drafts[id]);
  return Object.fromEntries(there.map(({ id }) => [id, drafts[id]]));
}

const PATIENCE = 300; // milliseconds; Python mostly speaks in 30

/** Python's first word, for as long as that may be waited for: what one has begun to read should not
    give way to other questions. */
function firstWord(model) {
  return new Promise((resolve) => {
    const words = ["change:run", "gone"];
    const done = () => {
      clearTimeout(timer);
      for (const word of words) model.off(word, done);
      resolve();
    };
    const timer = setTimeout(done, PATIENCE);
    for (const word of words) model.on(word, done);
  });
}

async function view({ model, el, kit }) {
  if (model.get("run").alone && model.get("run").own) await firstWord(model);
  const memory = { drafts: {}, alive: true, trouble: "", wanted: "" };
  memory.scenes = await kit.load("scenes");
  const whose = () => ({ owners: memory.owners ?? [], shared: model.get("shared") });
  const kept = journal(whose, undefined, kit.notebook);
  const post = courier(model, kept, (news) => {
    const isFirst = news.owners && !memory.owners;
    Object.assign(memory, news);
    if ("trouble" in news) memory.handing = false; // Python has done what it was asked for
    if (kept.settle() || isFirst) {
      recall(sitting);
      post.deliver();
    }
    memory.notify?.();
  });
  const sitting = { model, memory, kept, post };
  const unheed = heed(sitting);
  recall(sitting);
  const clean = frame({ model, el, kit }, "quiz", (root, t, language) =>
    draw(root, { t, language, kit }, sitting),
  );
  post.hello();
  return () => {
    post.hangUp();
    unheed();
    clean();
  };
}

export { state } from "./state.js";
export default { initialize: ({ model, kit }) => follow(model, kit), render: view };
