import { h, literal, prose, set } from "../shared/base.js";
import { chip, verbName } from "../shared/parts.js";
import { aligned, bare, common, difference, grouped, standing } from "./align.js";

/* Draws chosen sessions as columns whose rows are shared. */

const SIGNS = { code: "≠", text: "≈", command: "⇄" };

function lines(...text) {
  return h("bdi", { dir: "ltr", class: "servers-lines" }, h("code", {}, ...text));
}

function commandText({ verb, sent }, t) {
  if (sent.length) return sent.join("\n");
  return t(verb === "connect" ? "servers.connected" : "servers.unasked");
}

function clientSays(exchange, t) {
  const { sent, lines: count } = exchange;
  const text = commandText(exchange, t);
  if (count === undefined) return sent.length ? lines(text) : h("span", { class: "s-soft" }, text);
  const rest = count > sent.length && h("p", { class: "s-soft" }, "…");
  return h("details", {}, h("summary", {}, t("servers.message", { count })), lines(text), rest);
}

function serverSays(cells, n, t) {
  const { code, reply } = cells[n];
  if (!reply) return h("p", { class: "s-soft" }, t("servers.unanswered"));
  // Black is what differs: of a usual answer nothing, of a session alone all.
  const isAlone = cells.length === 1;
  const kind = isAlone ? "alone" : standing(cells, n);
  const alike = isAlone ? new Set() : common(cells);
  const isOwn = (one) => kind && one.trim() && !alike.has(bare(one));
  const word = (one) => (isOwn(one) ? h("span", { class: "servers-own" }, one) : one);
  const line = (one, k) => [k ? "\n" : "", one.slice(4).split(/(\s+)/).map(word)];
  return h("div", { class: "servers-reply" }, [
    chip(code, kind && kind !== "text" ? "" : "s-bare"),
    lines(...reply.flatMap(line).flat()),
    kind === "outlier" && h("span", { class: "s-aloud" }, ` (${t("servers.outlier")})`),
  ]);
}

/** A row of the sessions; what all of them were asked stands there once. */
function step(cells, who, t) {
  const kind = cells.length > 1 && difference(cells);
  const first = cells.find(Boolean);
  // Messages differ in their dates, and each can be opened.
  const isOnce = kind !== "command" && first.lines === undefined;
  const says = (one, n) => [isOnce ? null : clientSays(one, t), serverSays(cells, n, t)];
  const cell = (one, n) =>
    h("div", { class: one ? undefined : "servers-gap s-soft" }, [
      h("bdi", { class: "s-caption" }, who[n]),
      one ? says(one, n) : t("servers.gap"),
    ]);
  return h("li", { class: "servers-step servers-columns s-fold" }, [
    h("div", { class: "servers-command" }, [
      isOnce && clientSays(first, t),
      kind && h("span", { class: "s-caption" }, `${SIGNS[kind]} ${t(`servers.${kind}`)}`),
    ]),
    cells.map(cell),
  ]);
}

function folded(items, verbs, t) {
  const count = items.length;
  const names = verbs.flatMap((verb, n) => [n ? " · " : " ", verbName(verb, t)]);
  const summary = h("summary", { class: "s-soft" }, [
    t(count === 1 ? "servers.alike_one" : "servers.alike", { count }),
    h("span", { class: "s-caption" }, names),
  ]);
  return h("li", { class: "s-fold" }, h("details", {}, summary, h("ol", {}, items)));
}

/** The list of steps, how to show so many of them, and what to say of the last. */
function steps(rows, who, decides, t) {
  const items = rows.map((cells) => step(cells, who, t));
  const groups = grouped(rows, decides).map(([isAlike, numbers]) => {
    const own = numbers.map((n) => items[n]);
    const verbs = numbers.map((n) => rows[n].find(Boolean).verb);
    return { isAlike, numbers, node: isAlike ? folded(own, verbs, t) : own[0] };
  });
  const show = (count, isStepping) => {
    for (const [n, item] of items.entries()) {
      item.hidden = n >= count;
      item.classList.toggle("servers-current", n === count - 1 && isStepping);
    }
    for (const { isAlike, node, numbers } of groups) {
      node.hidden = numbers[0] >= count;
      if (isAlike && isStepping) node.firstChild.open = numbers.includes(count - 1);
    }
  };
  const replied = (one) => one && (one.reply?.join(" ") ?? t("servers.unanswered"));
  const spoken = (count) => {
    const cells = rows[count - 1];
    const replies = cells.map((one, n) => `${who[n]}: ${replied(one) ?? t("servers.gap")}`);
    return [commandText(cells.find(Boolean), t), ...replies].join(". ");
  };
  const nodes = groups.map(({ node }) => node);
  return { node: h("ol", {}, nodes), show, spoken };
}

/** Where a session comes from, and what of the server's configuration brought it about. */
function origin({ configuration, note, source, client, captured, repeat }, t) {
  // Notes are in English whatever the language.
  const english = (text) => h("bdi", { lang: "en", dir: "ltr" }, prose(text));
  const fold = (key, content) => h("details", {}, h("summary", {}, t(key)), content);
  const named = (key, value) => value && h("p", {}, `${t(key)}: `, english(value));
  const facts = Object.entries({ documented: source, client, captured, repeat });
  return [
    named("servers.note", note),
    configuration && fold("servers.configuration", lines(configuration)),
    fold(
      "servers.source",
      facts.map(([key, value]) => named(`servers.${key}`, value)),
    ),
  ];
}

/** The chosen sessions side by side; `said` names them. */
export function comparison({ servers, scenarios, sessions }, chosen, t, language) {
  const shown = chosen.map((name) => sessions[name]);
  const asked = scenarios.filter(({ name }) => shown.some(({ scenario }) => scenario === name));
  const isOne = asked.length === 1;
  const title = (one) => one.texts[language].title.replaceAll("`", "");
  const who = shown.map(({ server, scenario }) => {
    const label = new Map(servers).get(server);
    const other = !isOne && asked.find(({ name }) => name === scenario);
    return other ? `${label}${t("list.separator")}${title(other)}` : label;
  });
  const asks = (one) =>
    h("p", { class: "servers-asks" }, [
      !isOne && [h("b", {}, title(one)), " · "],
      prose(one.texts[language].asks),
    ]);
  const decides = (cells) => cells.some((cell) => asked.some(({ verb }) => verb === cell?.verb));
  const rows = aligned(shown.map(({ said }) => said));
  const { node, show, spoken } = steps(rows, who, decides, t);
  const from = ({ about }, n) => {
    const name = h("bdi", { class: "servers-who" }, who[n]);
    return h("div", {}, h("p", {}, name, " ", literal(about.version ?? "")), origin(about, t));
  };
  const beside = h("div", {}, [
    node,
    h("div", { class: "servers-columns servers-origins s-fold s-caption" }, shown.map(from)),
  ]);
  beside.style.setProperty("--sessions", shown.length);
  const said = `${isOne ? `${title(asked[0])}: ` : ""}${who.join(" · ")}`;
  return { nodes: [...asked.map(asks), beside], rows: rows.length, show, spoken, said };
}

/** The buttons that go through the steps of all sessions at once. */
export function stepper(model, t) {
  let now = { count: 0, rows: 0 };
  const go = (by) => () => set(model, { step: Math.max(1, Math.min(now.count + by, now.rows)) });
  const button = (key, click, kind) => h("button", { class: kind, on: { click } }, t(key));
  const backward = [button("player.first", go(-Infinity)), button("player.back", go(-1))];
  const all = button("servers.all", () => set(model, { step: 0 }));
  const forward = [button("player.next", go(1)), all];
  const position = h("span", { class: "s-caption" });
  const label = { class: "s-tools", role: "group", "aria-label": t("servers.controls") };
  const end = button("servers.clear", () => set(model, { step: 0, chosen: [] }), "s-quiet");
  const node = h("div", label, position, backward, forward, end);
  const show = (count, rows) => {
    now = { count, rows };
    for (const one of backward) one.setAttribute("aria-disabled", count <= 1);
    for (const one of forward) one.setAttribute("aria-disabled", count === rows);
    position.textContent = t("player.position", { step: count, last: rows });
  };
  return { node, show };
}
