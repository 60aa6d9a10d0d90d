import { digits, h, prose, wire } from "./base.js";
import { digitTexts } from "./digits.js";

/* What stands beside the ladder: the reply decoded, and the envelope. */

/** A command by its name; what has no command line by a description. */
export function verbName(verb, t) {
  return verb === verb.toUpperCase() ? wire(verb) : t(`verb.${verb}`);
}

/** The current turn: what a command does, or what the three digits of a reply say. */
export function replyPanel(turn, t, texts, begin = "player.begin") {
  if (!turn) return [h("h3", {}, t("player.reply")), h("p", {}, t(begin))];
  const name = verbName(turn.verb, t);
  if (!turn.code)
    return [
      h("h3", {}, t("player.command")),
      h("p", {}, h("strong", {}, name)),
      h("p", {}, prose(t(`does.${turn.verb}`, {}, "does.other"))),
    ];
  const means = texts.means[turn.means];
  return [
    h("h3", {}, t("player.reply")),
    h(
      "ol",
      { class: "digits" },
      digitTexts(turn.code, t).map((text, n) =>
        h("li", {}, digits(turn.code, [n]), h("span", {}, text)),
      ),
    ),
    turn.enhanced &&
      h("p", {}, wire(turn.enhanced), " ", h("bdi", { lang: "en" }, texts.enhanced[turn.enhanced])),
    h("p", {}, h("strong", {}, t("player.here")), " ", prose(means)),
    h("p", { class: "soft" }, t("player.answers"), " ", name),
  ];
}

function recipientItem({ path, code, forward }, t, done) {
  const accepted = String(code)[0] === "2";
  const outcome = accepted
    ? { "": "accepted", taken: "taken", refused: "undone" }[done]
    : "refused";
  return h("li", {}, [
    [wire(`<${path}>`), " ", digits(code), " ", t(`player.${outcome}`)],
    forward &&
      h("div", {}, t(accepted ? "player.forwards" : "player.suggests"), " ", wire(`<${forward}>`)),
  ]);
}

/** The envelope after the current turn, and who is responsible for the message. */
export function envelopePanel(now, t) {
  const turn = now.turns[now.step - 1];
  const { reverse = null, recipients = [] } = turn ? now.envelopes[turn.envelope] : {};
  const done = turn?.done ?? "";
  const decided = recipients.slice(0, turn?.decided ?? 0).map((one) => recipientItem(one, t, done));
  const place = turn?.state ?? "connecting";
  const verbs = (turn?.legal ?? []).flatMap((verb, n) => [n ? " · " : "", verbName(verb, t)]);
  const rows = {
    reverse_path: reverse === null ? "—" : wire(`<${reverse}>`),
    recipients: decided.length ? h("ul", {}, decided) : "—",
    responsible: t(`responsible.${turn?.responsible || "nobody"}`),
    state: t(`state.${place}`),
    legal: verbs.length ? verbs : "—",
  };
  const row = ([key, content]) => [h("dt", {}, t(`player.${key}`)), h("dd", {}, content)];
  const title = t(`envelope.${done || "open"}`);
  return [h("h3", {}, title), h("dl", {}, Object.entries(rows).map(row))];
}
