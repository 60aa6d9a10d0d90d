import { options } from "./options.js";

/** One option is right; what was wrong cannot be chosen again. */
export function control(item, now, tools) {
  let value = now.failed && now.draft === now.given ? null : now.draft;
  const choose = (position) => {
    value = position;
    tools.change(value);
  };
  const isChosen = (position) => value === position;
  const node = options(item, now, tools, { type: "radio", isChosen, choose });
  return { node, value: () => value };
}
