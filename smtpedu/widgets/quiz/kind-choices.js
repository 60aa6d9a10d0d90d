import { h } from "../shared/base.js";
import { options } from "./options.js";

/** Several options are right. */
export function control(item, now, tools) {
  const ticked = new Set(now.draft ?? []);
  const value = () => (ticked.size ? [...ticked].sort((one, other) => one - other) : null);
  const choose = (position, isTicked) => {
    ticked[isTicked ? "add" : "delete"](position);
    tools.change(value());
  };
  const isChosen = (position) => ticked.has(position);
  const how = h("p", { class: "s-caption", dir: "auto" }, tools.t("ask.several"));
  const list = options(item, now, tools, { type: "checkbox", isChosen, choose });
  return { node: h("div", {}, how, list), value };
}
