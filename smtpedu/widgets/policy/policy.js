import { fill, frame, h, head, listen, literal, prose, set, visible } from "../shared/base.js";
import { links, part } from "../shared/card.js";
import { chip, decoder, fourfold, tone, unknown } from "../shared/parts.js";
import { ask, standing, watch } from "./decision.js";

/* One railway: a gate for each question, an exit where an answer ends the way; below, the reply. */

/** The end of a way, to be pressed; its reply stays hidden until it has been there. */
function end(model, leaf, label, t) {
  const reply = h("span");
  const click = () => set(model, { answers: leaf.answers });
  const node = h("button", { on: { click } }, label, reply);
  const show = ({ leaf: here, revealed, seen, tried }) => {
    const heard = tried[leaf.name]?.said;
    const isKnown = revealed || heard || seen.has(leaf.name);
    const said = heard ? t("policy.said", { code: heard.slice(0, 3) }) : "";
    node.className = `${isKnown ? tone(leaf.code) : ""} ${here === leaf ? "s-on" : ""}`;
    node.setAttribute("aria-pressed", here === leaf);
    const shown = isKnown ? [chip(leaf.code), " ", literal(leaf.enhanced)] : [unknown()];
    reply.replaceChildren(...shown, " ", h("small", { class: "s-caption" }, said));
  };
  return { node, show };
}

/** At each question one answer leads on; those to the last one, which has two parts, are a square. */
function railway(model, t) {
  const ends = [];
  const leafOf = (to) => model.get("leaves").find(({ words }) => words === to);
  const endOf = ([, to], label) => {
    ends.push(end(model, leafOf(to), label, t));
    return ends.at(-1).node;
  };
  const stations = model.get("tree").map(([question, offered]) => {
    const said = ([answer]) => t(`decision.${question}-${answer}`);
    const cell = (code) => {
      const way = offered.find(([, to]) => leafOf(to).code === code);
      return endOf(way, h("span", { class: "s-aloud" }, said(way)));
    };
    const on = offered.find(([, to]) => !leafOf(to));
    const out = offered.find((way) => way !== on);
    const gate = () => [
      h("p", { class: "policy-on s-caption" }, said(on)),
      h("span", { class: "s-path" }),
      endOf(out, h("span", { class: "s-caption" }, said(out), "\u00a0↓", h("br"))),
    ];
    return h("li", {}, h("h4", {}, t(`decision.${question}`)), on ? gate() : fourfold(t, cell));
  });
  const show = (now) => {
    for (const one of ends) one.show(now);
    for (const [n, node] of stations.entries())
      node.classList.toggle("policy-passed", now.open.length > n + 1);
  };
  return { node: h("ol", { class: "policy-railway" }, stations), show };
}

function replyPart(leaf, t, texts) {
  if (!leaf) return [h("p", { class: "s-soft" }, t("policy.open"))];
  const { title, means, enhanced } = texts[leaf.name];
  return [
    h("div", { class: "s-stack" }, [
      h("h3", {}, title),
      h("p", {}, literal(leaf.line)),
      decoder(leaf.code, t),
      h("p", {}, literal(leaf.enhanced), " ", h("bdi", { lang: "en" }, enhanced)),
      leaf.odd && h("p", { class: "s-caption" }, prose(t("policy.odd", leaf))),
    ]),
    h("div", { class: "s-stack" }, [
      part(t("policy.means"), prose(means)),
      part(t("policy.next"), prose(t(`next.${leaf.name}`))),
      leaf.mailbox && part(t("policy.written"), literal(`"${leaf.mailbox}": "${leaf.written}"`)),
      links([leaf.source], t, "policy.because"),
    ]),
  ];
}

/** What there is to say about asking the server: a sentence, and what fills its places. */
function verdict({ leaf, asking, tried }, t) {
  if (!leaf) return ["", {}];
  if (!leaf.mailbox) return [t("policy.no_mailbox"), { words: leaf.words }];
  if (asking === leaf.name) return [t("policy.asking"), {}];
  const result = tried[leaf.name];
  if (!result) return ["", {}];
  if (result.problem) return [t(`policy.${result.problem}`), {}];
  const values = { said: result.said, predicted: leaf.line };
  return [t(result.agrees ? "policy.agrees" : "policy.differs"), values];
}

/** Filled in after it is taken apart: a reply may hold backticks of its own. */
function sentence([said, values]) {
  return said.split("`").map((part, n) => (n % 2 ? literal(fill(part, values)) : part));
}

function dialogue(lines, t) {
  const item = ([from, verb, line]) => {
    const kind = verb === "RCPT" ? "policy-asked" : "s-soft";
    const who = h("span", { class: "s-aloud" }, `${t(`player.${from}`)}: `);
    const sign = h("code", { "aria-hidden": "true" }, from === "client" ? "C: " : "S: ");
    return h("li", { class: kind }, who, sign, literal(line));
  };
  const title = t("policy.dialogue");
  return part(title, h("ol", { dir: "ltr", "aria-label": title }, lines.map(item)));
}

function replyPanel(model, t, texts) {
  const reply = h("div", { class: "s-columns s-wide" });
  let drawn = null; // the end whose reply is shown
  const click = () => drawn && ask(model, drawn);
  const button = h("button", { class: "s-go", on: { click } }, t("policy.ask"));
  const said = h("p");
  const lines = h("div");
  const all = [reply, h("div", {}, button), said, lines];
  const node = h("section", { class: "policy-card s-stack s-fold" }, all);
  const show = (now) => {
    const { leaf } = now;
    if (drawn !== leaf) reply.replaceChildren(...replyPart(leaf, t, texts));
    drawn = leaf;
    button.setAttribute("aria-disabled", Boolean(now.asking) || !leaf?.mailbox);
    const result = now.asking ? undefined : now.tried[leaf?.name];
    const told = verdict(now, t);
    const isOdd = leaf && (result ? !result.agrees : !leaf.mailbox);
    said.hidden = !told[0];
    said.className = isOdd ? "policy-said s-note" : "policy-said";
    said.replaceChildren(h("span", {}, sentence(told)));
    lines.replaceChildren(...(result?.lines ? [dialogue(result.lines, t)] : []));
  };
  return { node, show };
}

function draw(model, root, t, texts, seen) {
  const [way, reply] = [railway(model, t), replyPanel(model, t, texts)];
  const change = () => set(model, { revealed: reveal.checked });
  const reveal = h("input", { type: "checkbox", on: { change } });
  const restart = () => {
    seen.clear();
    set(model, { answers: {}, revealed: false });
    show();
  };
  const again = h("button", { class: "s-quiet", on: { click: restart } }, t("policy.again"));
  const status = h("p", { class: "s-aloud", role: "status" });
  const top = head(t("policy.title"), null, h("label", {}, reveal, t("policy.show")), again);
  const note = (kind, key) => h("p", { class: kind }, prose(t(key)));
  root.append(top, note("s-soft", "policy.intro"), way.node, reply.node);
  root.append(note("s-caption", "policy.others"), status);
  const show = () => {
    const now = { ...standing(model), revealed: model.get("revealed"), seen };
    const { leaf } = now;
    if (leaf) seen.add(leaf.name);
    for (const part of [way, reply]) part.show(now);
    reveal.checked = now.revealed;
    const said = leaf ? `${leaf.line}. ${texts[leaf.name].means} ${fill(...verdict(now, t))}` : "";
    status.textContent = visible(said).replaceAll("`", "");
  };
  show();
  return listen(model, ["answers", "asking", "tried", "revealed"], show);
}

export { state } from "./state.js";
export default {
  remembers: ["language", "answers", "revealed"],
  // Waiting belongs to the model: two views of an explorer ask once.
  initialize: ({ model }) => watch(model),
  render(context) {
    const seen = new Set(); // the replies that this view has shown
    return frame(context, "policy", (root, t, language) =>
      draw(context.model, root, t, context.model.get("texts")[language], seen),
    );
  },
};
