import { set } from "../shared/base.js";

/* Where the answers lead, and how the question is put to a server. Nothing here draws. */

const PATIENCE = 30_000; // milliseconds until Python's silence is worth a word; it may be busy

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
    const asking = model.get("asking");
    const tried = { ...model.get("tried"), [asking]: { problem: "gone" } };
    if (asking) set(model, { tried, asking: "" });
  };
  const onAsking = () => {
    clearTimeout(timer);
    if (!model.connected) giveUp();
    else if (model.get("asking")) timer = setTimeout(giveUp, PATIENCE);
  };
  model.on("change:asking", onAsking);
  model.on("gone", giveUp);
  return () => {
    model.off("change:asking", onAsking);
    model.off("gone", giveUp);
    clearTimeout(timer);
  };
}
