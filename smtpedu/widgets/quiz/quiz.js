import { frame, h, head, listen, prose } from "../shared/base.js";
import { question } from "./ask.js";
import { scrollBack } from "./excerpt.js";
import { courier, journal } from "./journal.js";
import { actions, present, recall, withDraft } from "./sitting.js";
import { focusOn, strip } from "./strip.js";
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

function resumed({ standings, done, at, isOver }, memory, acts, t) {
  if (!memory.resumed || at >= standings.length) return "";
  // To start again is offered there, with what is open: one click here would cost the answers.
  const end = h("button", { class: "s-quiet", on: { click: acts.end } }, t("ask.to_summary"));
  const isWhole = done === standings.length;
  const said = [t("ask.resumed", { done }), isOver && !isWhole && end];
  return h("p", { class: "quiz-resumed s-soft" }, said);
}

/** What the learner should know of where the answers are. */
function notices({ model, memory, post }, t) {
  const isWaiting = post.waiting() > 0;
  const isSilent = !memory.alive;
  const others = post.others();
  return [
    memory.trouble ? t("ask.trouble", { trouble: memory.trouble }) : model.get("notice"),
    isSilent && isWaiting && memory.kept && t("ask.silent"),
    memory.handing && t(isSilent ? "ask.hand_in_later" : "ask.handing"),
    isSilent && memory.starting && t("ask.again_alone"),
    isWaiting && !memory.kept && !model.get("shared") && t("ask.unkept"),
    others > 0 && t("ask.others", { count: others }),
  ].filter(Boolean);
}

/* ---- the question, or the end ---- */

function stage(quiz, memory, acts, { t, language }) {
  const { items, at, isOver } = quiz;
  const count = items.length;
  const scenes = memory.scenes[language] ?? {};
  if (at >= count && !isOver) return handIn(quiz, { t, acts });
  if (at >= count) return summary(quiz, { t, language, acts, scenes });
  const item = items[at];
  const as = { lang: item.language, dir: quiz.directions[item.language] };
  const isLast = at + 1 === count;
  const canEnd = !isLast && (!isOver || quiz.standings.every(({ done }) => done));
  const where = { isFirst: at === 0, isLast, canEnd };
  return question(item, withDraft(quiz, memory, at), { t, as, acts, place: where, scenes });
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
  const direction = ([name, known]) => [name, known["widget.direction"]];
  const directions = Object.fromEntries(Object.entries(kit.strings).map(direction));
  const live = { role: "status", "aria-live": "polite" };
  const where = h("span", { class: "quiz-where s-soft" });
  const [top, stand] = [1, 2].map(() => h("div"));
  const notice = h("div", { class: "quiz-notice", ...live });
  const aloud = h("p", { class: "quiz-aloud s-aloud", ...live });
  let last = {}; // what was drawn
  root.append(head(prose(model.get("title")[language]), where), top, notice, stand, aloud);
  memory.announce = (text) => {
    aloud.textContent = text;
  };
  memory.notify = () => {
    const said = notices(sitting, t);
    if (notice.dataset.said === said.join()) return;
    notice.dataset.said = said.join();
    notice.replaceChildren(
      ...said.map((text) => h("p", { class: "s-note" }, h("span", {}, prose(text)))),
    );
  };
  memory.show = () => {
    const quiz = { ...present(sitting), directions };
    const hadFocus = stand.contains(document.activeElement);
    const onStrip = [...(top.firstChild?.children ?? [])].indexOf(document.activeElement);
    const shown = stage(quiz, memory, acts, { t, language });
    where.textContent = place(quiz, t);
    const row = strip(quiz, t, (n) => (n === quiz.at ? shown.focus("question") : acts.go(n)));
    top.replaceChildren(row, resumed(quiz, memory, acts, t));
    const page = model.get("page");
    const isSame = last.page === page && last.at === quiz.at;
    const scrolled = isSame ? (stand.querySelector(".quiz-dialogue")?.scrollTop ?? 0) : 0;
    last = { page, at: quiz.at };
    stand.replaceChildren(shown.node);
    scrollBack(stand, scrolled);
    if (onStrip >= 0) focusOn(row, onStrip);
    attend(quiz, shown, memory, hadFocus);
    memory.notify();
  };
  memory.show();
}

/* ---- all of it ---- */

/** Several values come at once and are drawn once. */
function heed({ model, memory }) {
  let due = false;
  const show = () => {
    due = false;
    memory.show();
  };
  const unlisten = listen(model, HEEDED, () => {
    if (!due) queueMicrotask(show);
    due = true;
  });
  // Another view may have started again: a draft of its old questions fits none of the new ones.
  let { run } = model.get("run");
  const unrun = listen(model, ["run", "result"], () => {
    if (memory.starting || memory.handing) memory.wanted = "question";
    if (run !== model.get("run").run) Object.assign(memory, { drafts: {}, resumed: false });
    ({ run } = model.get("run"));
    Object.assign(memory, { starting: false, handing: false });
  });
  return () => {
    unlisten();
    unrun();
  };
}

async function view({ model, el, kit }) {
  const memory = { drafts: {}, alive: true, trouble: "", kept: true, wanted: "" };
  memory.scenes = await kit.load("scenes");
  const kept = journal(() => {
    const { run } = model.get("run");
    return { owners: memory.owners ?? [], run, shared: model.get("shared") };
  });
  const post = courier(model, kept, (news) => {
    const isFirst = news.owners && !memory.owners;
    Object.assign(memory, news);
    if ("trouble" in news) memory.handing = false; // Python has done what it was asked for
    if (kept.settle() || isFirst) {
      memory.resumed = recall(sitting, kept.entries()) || memory.resumed;
      post.deliver();
    }
    memory.notify?.();
  });
  const sitting = { model, memory, post };
  memory.resumed = Object.keys(model.get("answers")).length > 0;
  const unheed = heed(sitting);
  const clean = frame({ model, el, kit }, "quiz", (root, t, language) => {
    // Ctrl+Enter would run the cell again.
    const guard = (event) => event.key === "Enter" && event.stopPropagation();
    root.addEventListener("keydown", guard);
    draw(root, { t, language, kit }, sitting);
    return () => root.removeEventListener("keydown", guard);
  });
  post.ask({ do: "hello" });
  return () => {
    post.hangUp();
    unheed();
    clean();
  };
}

export default { render: view };
