import { expanded } from "../shared/turns.js";

/* What a notebook holds of a console, made into all that is drawn. */

/** `data` has the lab's host, its mailboxes and the names of the challenges. */
export async function state({ host, mailboxes, challenges }, kit) {
  const all = await kit.load("challenges");
  const shown = challenges.map((name) => ({ name, ...all[name] }));
  const start = { status: "new", solved: [], address: "", omitted: 0, hints: [], dialogue: {} };
  const meanings = await kit.load("meanings");
  return { ...start, host, mailboxes, challenges: shown, meanings, ...expanded({}) };
}

/** Keep the turns as they are drawn beside what Python says of them. */
export function follow(model) {
  const listener = () => {
    for (const [name, value] of Object.entries(expanded(model.get("dialogue"))))
      model.set(name, value);
  };
  model.on("change:dialogue", listener);
  return () => model.off("change:dialogue", listener);
}
