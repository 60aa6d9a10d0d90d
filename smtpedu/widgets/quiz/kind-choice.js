import { judgement, options } from "./options.js";

/* One option is right. */

export function control(item, now, tools) {
  // What was wrong cannot be chosen again.
  let value = now.failed && now.draft === now.given ? null : now.draft;
  const tries = [...now.earlier, { response: now.given, said: now.said }];
  const rows = item.options.map(({ feedback }, position) => {
    const chosen = tries.map(({ response }) => response === position);
    const judged = judgement(now.solution === position, chosen, now);
    // In an exam it is not the option that knows what is said of it.
    const said = tries[chosen.lastIndexOf(true)]?.said[0] ?? feedback;
    const choose = () => {
      value = position;
      tools.change(value);
    };
    const isWrong = judged.right === false;
    const input = { type: "radio", checked: value === position, disabled: isWrong };
    return {
      input: { ...input, on: { change: choose } },
      judged: "right" in judged ? { ...judged, said } : judged,
    };
  });
  return { node: options(item, now, rows, tools), value: () => value };
}
