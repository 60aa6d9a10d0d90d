import { h } from "../shared/base.js";
import { judgement, options } from "./options.js";

/* Several options are right. */

export function control(item, now, tools) {
  const { t, change } = tools;
  const ticked = new Set(now.draft ?? []);
  const value = () => (ticked.size ? [...ticked].sort((one, other) => one - other) : null);
  const tries = [...now.earlier.map(({ response }) => response), now.given];
  const rows = item.options.map(({ feedback: said, right }, position) => {
    const toggle = (event) => {
      if (event.target.checked) ticked.add(position);
      else ticked.delete(position);
      change(value());
    };
    const chosen = tries.map((response) => Boolean(response?.includes(position)));
    const isRight = right ?? Boolean(now.solution?.includes(position));
    const judged = judgement(isRight, chosen, now);
    const input = { type: "checkbox", checked: ticked.has(position), on: { change: toggle } };
    return { input, judged: "right" in judged ? { ...judged, said } : judged };
  });
  const how = h("p", { class: "s-caption" }, t("ask.several"));
  return { node: h("div", {}, how, options(item, now, rows, tools)), value };
}
