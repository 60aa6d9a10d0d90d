import { set } from "../shared/base.js";
import { attempt, freshId, nextOpen, standing } from "./attempts.js";
import { saidIn } from "./state.js";

/* One sitting at a quiz: how it stands, and what the learner can do. Nothing here draws.

   A `sitting` is { model, memory, kept, post }: what Python and all views share, what this view
   remembers (`drafts`, `wanted` focus …), the journal, and the way to Python. */

/** The quiz as it stands, in this language: what Python sent, and what was answered. */
export function present({ model }, language = "") {
  const [page, exam, result] = ["page", "exam", "result"].map((name) => model.get(name));
  const told = ([id, { twins = {}, ...said }]) => [id, { ...said, ...twins[language] }];
  const verdicts = Object.fromEntries(Object.entries(result.items ?? {}).map(told));
  const items = page.items.map((item) => ({
    ...saidIn(language, item),
    ...own(verdicts, item.id),
  }));
  const answers = model.get("answers");
  const prediction = model.get("prediction");
  const most = prediction ? 1 : undefined; // what was shown can be predicted no more
  const standings = items.map((item) =>
    standing(item, own(answers, item.id), { exam, verdict: own(verdicts, item.id), most }),
  );
  const { lessons } = page;
  const known = exam ? { objectives: {}, misconceptions: {}, lessons, ...result } : page;
  const end = prediction ? 0 : items.length; // a prediction has no summary
  const at = Math.max(0, Math.min(end, model.get("at")));
  const done = standings.filter((one) => (exam ? one.tries > 0 : one.done)).length;
  const isOver = !exam || Boolean(result.items);
  return { items, standings, done, known, exam, prediction, at, isOver };
}

/** What is kept under an id, which may be a word that every object knows ("constructor"). */
function own(kept, id) {
  return Object.hasOwn(kept, id) ? kept[id] : undefined;
}

/** A question's standing, with what this page remembers of it. */
export function withDraft({ items, standings, exam, prediction, isOver }, memory, n) {
  const now = standings[n];
  const kept = memory.drafts[items[n].id] ?? {};
  const draft = kept.draft === undefined || now.done ? now.given : kept.draft;
  const guessing = kept.guessing ?? (exam && now.guessed);
  const failed = !exam && now.tries > 0 && !now.done;
  const hinted = Boolean(kept.hinted);
  const kind = { prediction, exam: exam && !isOver };
  return { ...now, draft, guessing, hinted, failed, locked: now.done, ...kind };
}

/** What is in the journal of this run but, after a crash, not in the model: it was answered. */
export function recall({ model, kept }) {
  const { run } = model.get("run");
  let answers = model.get("answers");
  const asked = model.get("page").items.map(({ id }) => id);
  // A prediction is the same one in whatever run it was made.
  const isPredicted = ({ role, item }) =>
    model.get("prediction") && role === "prediction" && asked.includes(item);
  const known = Object.values(answers).flatMap((all) => all.map(({ id }) => id));
  const isHere = (one) => one.run === run || isPredicted(one);
  const isMissing = (one) => isHere(one) && one.role !== "exam" && !known.includes(one.id);
  const missing = kept.entries().filter(isMissing);
  if (!missing.length) return;
  for (const one of missing) answers = withAttempt(answers, one);
  set(model, { answers });
  const { standings, at } = present({ model });
  if (standings[at]?.done) set(model, { at: nextOpen(standings) });
}

function withAttempt(answers, one) {
  return { ...answers, [one.item]: [...(own(answers, one.item) ?? []), one] };
}

/** What the learner can do; `t` is for what is said meanwhile. */
export function actions(sitting, t) {
  const { model, memory } = sitting;
  const place = () => present(sitting).at;
  const items = () => model.get("page").items;
  const go = (at) => {
    memory.wanted = "question";
    set(model, { at });
  };
  const leaveFor = (at) => {
    leave(sitting);
    go(at);
  };
  return {
    announce: (text) => memory.announce(text),
    go: leaveFor,
    next: () => go(place() + 1),
    goOn: () => go(nextOpen(present(sitting).standings)),
    back: () => leaveFor(place() - 1),
    end: () => leaveFor(items().length),
    submit(response) {
      const { at, isOver } = present(sitting);
      memory.wanted = "verdict";
      if (isOver) return keep(sitting, items()[at], response);
      leave(sitting, response);
      go(at + 1);
    },
    change(what) {
      const { id } = items()[place()];
      memory.drafts[id] = { ...memory.drafts[id], ...what };
    },
    again() {
      memory.announce(t("ask.starting"));
      startAgain(sitting);
    },
    handIn: () => handOver(sitting),
  };
}

/** That the words of a question were in the notebook, which anybody may have written. */
export function origin(model, { id }) {
  const { alone, own: isOfBank } = model.get("run");
  const isThere = Object.hasOwn(model.get("questions")?.own ?? {}, id);
  return alone && !isOfBank && isThere ? { foreign: true } : {};
}

/** Keep an answer: in the browser before anything else, for what follows may fail. */
function keep({ model, memory, kept, post }, item, response) {
  const answers = model.get("answers");
  const { guessing: guessed = false, hinted = false } = memory.drafts[item.id] ?? {};
  const given = { response, guessed, hints: hinted ? 1 : 0 };
  const whose = { ...model.get("run"), ...origin(model, item), store: kept.owner() };
  const one = attempt(whose, item, own(answers, item.id) ?? [], given);
  kept.add(one);
  memory.drafts[item.id] = { hinted };
  set(model, { answers: withAttempt(answers, one) });
  post.deliver();
}

/** In an exam what was changed is kept when the question is left. */
function leave(sitting, wanted) {
  const quiz = present(sitting);
  const item = quiz.items[quiz.at];
  if (quiz.isOver || !item) return;
  const { drafts } = sitting.memory;
  const { draft, given, guessed, guessing } = withDraft(quiz, sitting.memory, quiz.at);
  const response = wanted === undefined ? draft : wanted;
  const isHalf = Array.isArray(response) && response.includes(null); // things without a class
  // An answer cannot be taken back: what is kept is what is seen when one comes here again.
  if (response === null && given !== null) delete drafts[item.id]?.draft;
  if (response === null || isHalf) return;
  if (JSON.stringify(given) === JSON.stringify(response) && guessed === guessing) return;
  drafts[item.id] = { ...drafts[item.id], guessing };
  keep(sitting, item, response);
}

/** Python chooses new questions. Where it is silent, the same ones are asked once more. */
function startAgain({ model, memory, post }) {
  const run = model.get("run");
  if (memory.starting && !memory.alive) {
    memory.drafts = {};
    set(model, { answers: {}, at: 0, result: {}, run: { ...run, run: freshId() } });
  } else {
    memory.starting = true;
    post.ask({ do: "again", run: run.run });
  }
}

/** The last draft of each answer is handed in; like any other it is in the journal first. */
function handOver({ model, memory, kept, post }) {
  const [run, answers] = [model.get("run"), model.get("answers")];
  const handed = { ...run, store: kept.owner(), role: "exam", handed: new Date().toISOString() };
  const asExam = ({ id: item, mark }) => {
    const last = (own(answers, item) ?? []).slice(-1);
    return last.map((one) => ({ ...one, ...handed, item, mark, key: `${one.id} exam` }));
  };
  const attempts = model.get("page").items.flatMap(asExam);
  attempts.forEach(kept.add);
  memory.handing = true;
  memory.notify();
  post.ask({ do: "hand in", run: run.run, attempts });
}
