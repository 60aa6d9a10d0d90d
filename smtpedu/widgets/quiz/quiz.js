import { frame, h, listen, prose } from "../shared/base.js";
import { question } from "./ask.js";
import { mark } from "./attempts.js";
import { scrollBack } from "./excerpt.js";
import { courier, journal } from "./journal.js";
import { actions, present, recall, withDraft } from "./sitting.js";
import { handIn, summary } from "./summary.js";

const HEEDED = ["answers", "at", "_run", "_result", "_notice"];

/* ---- above the question ---- */

function meter(quiz, t) {
  const { items, standings, exam, at, isOver } = quiz;
  const count = items.length;
  const right = standings.filter((one) => one.right).length;
  const done = standings.filter((one) => (exam ? one.tries > 0 : one.done)).length;
  const end = isOver ? "ask.summary" : "ask.end";
  const place = at < count ? t("ask.place", { number: at + 1, count }) : t(end);
  const so = isOver ? t("ask.so_far", { done, right }) : t("ask.answered_so_far", { done });
  const part = (one, n) =>
    h("span", { class: `${mark(one, exam)} ${n === at ? "here" : ""}`.trim() });
  const bar = {
    role: "progressbar",
    "aria-label": t("ask.progress"),
    "aria-valuemin": 0,
    "aria-valuemax": count,
    "aria-valuenow": done,
    "aria-valuetext": `${place} · ${so}`,
  };
  return h("div", { class: "meter" }, [
    h("p", {}, h("strong", {}, place), " ", h("span", { class: "soft" }, so)),
    h("div", bar, standings.map(part)),
  ]);
}

function resumed({ standings, at, exam, isOver }, memory, acts, t) {
  if (!memory.resumed || at >= standings.length) return [];
  const done = standings.filter((one) => (exam ? one.tries > 0 : one.done)).length;
  const on = { click: acts.end };
  // To start again is offered there, with what is open: one click here would cost the answers.
  const end = h("button", { class: "quiet", on }, t("ask.to_summary"));
  const isWhole = done === standings.length;
  return [h("p", { class: "resumed" }, t("ask.resumed", { done }), " ", isOver && !isWhole && end)];
}

/** What the learner should know of where the answers are. */
function notices({ model, memory, post }, t) {
  const isWaiting = post.waiting() > 0;
  const isSilent = !memory.alive;
  const others = post.others();
  return [
    memory.trouble ? t("ask.trouble", { trouble: memory.trouble }) : model.get("_notice"),
    isSilent && isWaiting && memory.kept && t("ask.silent"),
    memory.handing && t(isSilent ? "ask.hand_in_later" : "ask.handing"),
    isSilent && memory.starting && t("ask.again_alone"),
    isWaiting && !memory.kept && !model.get("_shared") && t("ask.unkept"),
    others > 0 && t("ask.others", { count: others }),
  ].filter(Boolean);
}

/* ---- the question, or the end ---- */

function stage(quiz, memory, acts, { t, language }) {
  const { items, at, isOver } = quiz;
  const count = items.length;
  if (at >= count) return isOver ? summary(quiz, { t, language, acts }) : handIn(quiz, { t, acts });
  const item = items[at];
  const as = { lang: item.language, dir: quiz.directions[item.language] };
  const isLast = at + 1 === count;
  const canEnd = !isLast && (!isOver || quiz.standings.every(({ done }) => done));
  const place = { isFirst: at === 0, isLast, canEnd };
  return question(item, withDraft(quiz, memory, at), { t, as, acts, place });
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

function draw(root, t, language, desk) {
  const { model, memory } = desk;
  const acts = actions(desk, t);
  const strings = Object.entries(model.get("_strings"));
  const direction = ([name, known]) => [name, known["widget.direction"]];
  const directions = Object.fromEntries(strings.map(direction));
  const live = { role: "status", "aria-live": "polite" };
  const [top, place] = [1, 2].map(() => h("div"));
  const notice = h("div", { class: "notice", ...live });
  const aloud = h("p", { class: "aloud", ...live });
  let last = {}; // what was drawn
  root.append(h("h3", {}, prose(model.get("_title")[language])), top, notice, place, aloud);
  memory.announce = (text) => {
    aloud.textContent = text;
  };
  memory.notify = () => {
    const said = notices(desk, t);
    if (notice.dataset.said === said.join()) return;
    notice.dataset.said = said.join();
    notice.replaceChildren(...said.map((text) => h("p", {}, prose(text))));
  };
  memory.show = () => {
    const quiz = { ...present(desk), directions };
    const hadFocus = place.contains(document.activeElement);
    const shown = stage(quiz, memory, acts, { t, language });
    top.replaceChildren(meter(quiz, t), ...resumed(quiz, memory, acts, t));
    const isSame = last.page === memory.page && last.at === quiz.at;
    const scrolled = isSame ? (place.querySelector(".dialogue")?.scrollTop ?? 0) : 0;
    last = { page: memory.page, at: quiz.at };
    place.replaceChildren(shown.node);
    scrollBack(place, scrolled);
    attend(quiz, shown, memory, hadFocus);
    memory.notify();
  };
  memory.show();
}

/* ---- all of it ---- */

/** Several traits come at once and are drawn once; new questions are unpacked first. */
function heed({ model, memory }) {
  let due = false;
  let unpacking = false;
  const show = () => {
    due = false;
    if (!unpacking) memory.show();
  };
  const later = () => {
    if (!due) queueMicrotask(show);
    due = true;
  };
  const unlisten = listen(model, HEEDED, later);
  const unpage = listen(model, ["_page"], async () => {
    unpacking = true;
    const packed = model.get("_page");
    const page = await unpacked(packed);
    if (packed !== model.get("_page")) return; // newer ones are on their way
    memory.page = page;
    unpacking = false;
    later();
  });
  // Another view may have started again: a draft of its old questions fits none of the new ones.
  let { run } = model.get("_run");
  const unrun = listen(model, ["_run", "_result"], () => {
    if (memory.starting || memory.handing) memory.wanted = "question";
    if (run !== model.get("_run").run) Object.assign(memory, { drafts: {}, resumed: false });
    ({ run } = model.get("_run"));
    Object.assign(memory, { starting: false, handing: false });
  });
  return () => {
    unlisten();
    unpage();
    unrun();
  };
}

async function view(context) {
  const { model } = context;
  const memory = { drafts: {}, alive: true, trouble: "", kept: true, wanted: "" };
  memory.page = await unpacked(model.get("_page"));
  const kept = journal(() => {
    const { run } = model.get("_run");
    return { owners: memory.owners ?? [], run, shared: model.get("_shared") };
  });
  const post = courier(model, kept, (news) => {
    const isFirst = news.owners && !memory.owners;
    Object.assign(memory, news);
    if ("trouble" in news) memory.handing = false; // Python has done what it was asked for
    if (kept.settle() || isFirst) {
      memory.resumed = recall(desk, kept.entries()) || memory.resumed;
      post.deliver();
    }
    memory.notify?.();
  });
  const desk = { model, memory, post };
  memory.resumed = Object.keys(model.get("answers")).length > 0;
  const unheed = heed(desk);
  const clean = frame(context, "quiz", (root, t, language) => {
    // Ctrl+Enter would run the cell again.
    const guard = (event) => event.key === "Enter" && event.stopPropagation();
    root.addEventListener("keydown", guard);
    draw(root, t, language, desk);
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
