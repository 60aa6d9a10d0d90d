import { set } from "../shared/base.js";

/* Where the answers lead, and how the question is put to a server. Nothing here draws. */

const TICK = 500; // milliseconds between two looks at whether Python is there
const PATIENCE = 60; // such looks until its silence is worth a word; it may be busy with a cell

/** The questions that matter, in order, and the policy that the answers lead to, if they do. */
export function walk(tree, answers) {
  const places = new Map(tree.map(([question, offered]) => [question, new Map(offered)]));
  const open = [];
  let place = tree[0][0];
  while (places.has(place)) {
    open.push(place);
    place = places.get(place).get(answers[place]);
  }
  return { open, words: place };
}

/** Where the learner stands, as plain values. */
export function standing(model) {
  const now = { answers: model.get("answers"), tried: model.get("tried") };
  const { open, words } = walk(model.get("tree"), now.answers);
  const leaf = model.get("leaves").find((one) => one.words === words);
  return { ...now, open, leaf, asking: model.get("asking") };
}

/** Go to a leaf and, unless another question is under way, put it to the server. */
export function ask(model, leaf) {
  const free = leaf.mailbox && !model.get("asking");
  set(model, { answers: leaf.answers, ...(free && { asking: leaf.name }) });
}

/** Notice that nobody answers: at once where Python is gone, else when it is silent for long. */
export function watch(model) {
  let timer;
  const giveUp = () => {
    const tried = { ...model.get("tried"), [model.get("asking")]: { problem: "gone" } };
    set(model, { tried, asking: "" });
  };
  const onAsking = () => {
    clearInterval(timer);
    if (!model.get("asking")) return;
    let left = PATIENCE;
    const look = () => {
      left -= 1;
      if (!model.connected || left < 0) giveUp();
    };
    timer = setInterval(look, TICK);
    look();
  };
  model.on("change:asking", onAsking);
  onAsking(); // a question that a saved notebook was left with
  return () => {
    model.off("change:asking", onAsking);
    clearInterval(timer);
  };
}
