import { set } from "../shared/base.js";
import { attempt, freshId, nextOpen, standing } from "./attempts.js";

/* One sitting at a quiz: how it stands, and what the learner can do. Nothing here draws.

   `desk` is { model, memory, post }: what Python and all views share, what this view remembers
   (`page`, `drafts`, `wanted` focus …), and the way to the journal and to Python. */

/** The quiz as it stands: what Python sent, and what was answered. */
export function present({ model, memory }) {
  const exam = model.get("_exam");
  const result = model.get("_result");
  const verdicts = result.items ?? {};
  const items = memory.page.items.map((item) => ({ ...item, ...verdicts[item.id] }));
  const answers = model.get("answers");
  const standings = items.map((item) =>
    standing(item, own(answers, item.id), { exam, verdict: own(verdicts, item.id) }),
  );
  const known = exam ? { objectives: {}, misconceptions: {}, ...result } : memory.page;
  const at = Math.max(0, Math.min(items.length, model.get("at")));
  return { items, standings, known, exam, at, isOver: !exam || Boolean(result.items) };
}

/** What is kept under an id, which may be a word that every object knows ("constructor"). */
function own(kept, id) {
  return Object.hasOwn(kept, id) ? kept[id] : undefined;
}

/** What each attempt is marked with. New questions come a moment later than their run: what was
    answered is read as it was shown. */
function marks({ model, memory, post }) {
  const run = model.get("_run");
  return { ...run, seed: memory.page.seed ?? run.seed, store: post.owner() };
}

/** A question's standing, with what this page remembers of it. */
export function withDraft({ items, standings, exam, isOver }, memory, n) {
  const now = standings[n];
  const kept = memory.drafts[items[n].id] ?? {};
  const draft = kept.draft === undefined || now.done ? now.given : kept.draft;
  const guessing = kept.guessing ?? (exam && now.guessed);
  const failed = !exam && now.tries > 0 && !now.done;
  const hinted = Boolean(kept.hinted);
  return { ...now, draft, guessing, hinted, failed, locked: now.done, exam: exam && !isOver };
}

/** What is in the journal of this run but, after a crash, not in the model: it was answered.
    Tells whether there is such an answer. */
export function recall({ model, memory }, entries) {
  const { run } = model.get("_run");
  let answers = model.get("answers");
  const known = new Set(Object.values(answers).flatMap((all) => all.map(({ id }) => id)));
  const isMissing = (entry) => entry.run === run && entry.role !== "exam" && !known.has(entry.id);
  const missing = entries.filter(isMissing);
  if (!missing.length) return false;
  for (const entry of missing)
    answers = { ...answers, [entry.item]: [...(own(answers, entry.item) ?? []), slim(entry)] };
  set(model, { answers });
  const { standings, at } = present({ model, memory });
  if (standings[at]?.done) set(model, { at: nextOpen(standings) });
  return true;
}

function slim({ id, number, response, guessed, hints, at }) {
  return { id, number, response, guessed, hints, at };
}

/** What the learner can do; `t` is for what is said meanwhile. */
export function actions(desk, t) {
  const { memory } = desk;
  const announce = (text) => memory.announce(text);
  const place = () => present(desk).at;
  return {
    announce,
    go: (at) => go(desk, at),
    next: () => go(desk, place() + 1),
    skip: () => go(desk, place() + 1),
    goOn: () => go(desk, nextOpen(present(desk).standings)),
    back: () => {
      leaveDraft(desk);
      go(desk, place() - 1);
    },
    end: () => {
      leaveDraft(desk);
      go(desk, memory.page.items.length);
    },
    submit: (response) => submit(desk, response),
    change: (what) => {
      const { id } = memory.page.items[place()];
      memory.drafts[id] = { ...memory.drafts[id], ...what };
    },
    again: () => {
      announce(t("ask.starting"));
      startAgain(desk);
    },
    handIn: () => handOver(desk),
  };
}

function go({ model, memory }, at) {
  memory.wanted = "question";
  set(model, { at });
}

function submit(desk, response) {
  const now = present(desk);
  if (now.isOver) {
    desk.memory.wanted = "verdict";
    keep(desk, now.items[now.at], response);
  } else {
    leave(desk, response);
    go(desk, now.at + 1);
  }
}

/** Keep an answer: in the browser before anything else, for what follows may fail. */
function keep(desk, item, response) {
  const { model, memory, post } = desk;
  const answers = model.get("answers");
  const earlier = own(answers, item.id) ?? [];
  const { guessing: guessed = false, hinted = false } = memory.drafts[item.id] ?? {};
  const given = { response, guessed, hints: hinted ? 1 : 0 };
  const one = attempt(marks(desk), item, earlier, given);
  post.keep(one);
  memory.drafts[item.id] = { hinted };
  memory.resumed = false;
  set(model, { answers: { ...answers, [item.id]: [...earlier, slim(one)] } });
  post.deliver();
}

/** In an exam what was changed is kept when the question is left. */
function leave(desk, response) {
  const { items, standings, at, isOver } = present(desk);
  const item = items[at];
  if (isOver || !item) return;
  const { given, guessed } = standings[at];
  const drafts = desk.memory.drafts;
  // An answer cannot be taken back: what is kept is what is seen when one comes here again.
  if (response === null && given !== null) delete drafts[item.id]?.draft;
  if (response === null) return;
  const { guessing = guessed } = drafts[item.id] ?? {};
  if (JSON.stringify(given) === JSON.stringify(response) && guessed === guessing) return;
  drafts[item.id] = { ...drafts[item.id], guessing };
  keep(desk, item, response);
}

function leaveDraft(desk) {
  const quiz = present(desk);
  if (quiz.at >= quiz.items.length) return;
  const { draft } = withDraft(quiz, desk.memory, quiz.at); // or what was given: a guess, now
  const isHalf = Array.isArray(draft) && draft.includes(null); // things without a class
  if (!isHalf) leave(desk, draft);
}

/** Python chooses new questions. Where it is silent, the same ones are asked once more. */
function startAgain({ model, memory, post }) {
  if (memory.starting && !memory.alive) {
    Object.assign(memory, { starting: false, resumed: false, drafts: {}, wanted: "question" });
    set(model, { answers: {}, at: 0, _result: {}, _run: { ...model.get("_run"), run: freshId() } });
  } else {
    memory.starting = true;
    post.ask({ do: "again", run: model.get("_run").run });
  }
}

/** The last draft of each answer is handed in; like any other it is in the journal first. */
function handOver(desk) {
  const { model, memory, post } = desk;
  const run = marks(desk);
  const answers = model.get("answers");
  const handed = new Date().toISOString();
  const asExam = (one) => ({ ...one, key: `${one.id} exam`, role: "exam", handed });
  const last = ({ id: item, mark }) =>
    (own(answers, item) ?? []).slice(-1).map((one) => asExam({ ...one, ...run, item, mark }));
  const attempts = memory.page.items.flatMap(last);
  for (const one of attempts) post.keep(one);
  memory.handing = true;
  memory.notify();
  post.ask({ do: "hand in", run: run.run, attempts });
}
