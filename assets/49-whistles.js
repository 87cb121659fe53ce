/* Whistles: a card that tells of some is asked for anew when the stream says that one changed, and when the
   time of one is over; only the server decides who is late. */
(function () {
  "use strict";
  const shell = window.shell;
  if (!shell) return;
  let asked = 0, told = 0;
  const card = () => ["case", "place"].includes(shell.state.selection?.kind);
  const ask = () => window.dash_clientside.set_props("shell-acted", {data: "whistle" + ++asked});

  shell.live.heard.push((found) => {
    const news = found.reset || found.kinds?.includes("whistle"), now = Date.parse(found.now);
    const due = [...document.querySelectorAll("#wall-side [data-due]")].map((one) => Date.parse(one.dataset.due));
    const over = due.some((at) => at > told && at <= now);
    told = now;
    if (card() && (news || over)) ask();
  });
})();
