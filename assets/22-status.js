/* The age of the data, the clock, and what is said when the server stays silent.
   A failure never clears the picture: the last one stays and says since when. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  const PERIOD = 2000;
  let status = null, heardAt = 0, lost = false, refused = false, version = null;

  const el = (id) => document.getElementById(id);
  const parts = (at, options) => new Intl.DateTimeFormat("zh-CN", {timeZone: status?.time_zone || "Asia/Shanghai", hourCycle: "h23", ...options}).format(at);
  const hhmm = (at) => parts(at, {hour: "2-digit", minute: "2-digit"});
  const dayTime = (at) => parts(at, {month: "2-digit", day: "2-digit"}).replace("/", "-") + " " + hhmm(at);

  function age(seconds, texts) {
    const [unit, n] = seconds < 90 ? ["S", seconds] : seconds < 5400 ? ["Min", seconds / 60]
      : seconds < 129600 ? ["H", seconds / 3600] : ["D", seconds / 86400];
    return texts["age" + unit].replace("{n}", Math.max(0, Math.round(n)));
  }

  function show() {
    const badge = el("wall-badge"), clock = el("wall-clock");
    if (!badge || !status) return;
    const texts = badge.dataset;
    const silent = (Date.now() - heardAt) / 1000;
    const seconds = status.age_s + silent;
    const failing = lost || refused || status.failed_since || seconds > 45;
    const upTo = new Date(status.refreshed_at || status.now);
    const text = failing ? texts.stale.replace("{time}", hhmm(upTo))
      : status.frozen ? texts.frozen.replace("{time}", dayTime(new Date(status.now)))
        : texts.live.replace("{age}", age(seconds, texts));
    if (badge.textContent !== text) badge.textContent = text;
    badge.className = "badge " + (failing ? "badge--stale" : "badge--live");
    document.documentElement.classList.toggle("is-stale", Boolean(failing));
    const now = status.frozen ? new Date(status.now) : new Date(new Date(status.now).getTime() + silent * 1000);
    const time = status.frozen ? hhmm(now) : parts(now, {hour: "2-digit", minute: "2-digit", second: "2-digit"});
    if (clock.textContent !== time) {
      clock.textContent = time;
      clock.title = clock.dataset.zone.replace("{zone}", status.time_zone);
    }
  }

  let asking = false, asked = 0;
  async function ask() {
    if (asking || document.hidden) return;
    asking = true;
    const mine = ++asked;
    try {
      const answer = await fetch("/api/status", {cache: "no-store", signal: AbortSignal.timeout(8000)});
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (mine === asked) take(found);
      lost = false;
    } catch (error) {
      lost = true;
    } finally {
      asking = false;
      show();
    }
  }

  function take(found) {
    status = found;
    heardAt = Date.now();
    if (!state.view) return;
    if (version !== null && version !== found.version) window.dash_clientside.set_props("shell-data-version", {data: found.version});
    version = found.version;
    shell.put("now", {now: found.now, time_zone: found.time_zone, presets: found.presets});
    slide(found.presets[state.view.preset]);
  }
  /* A window that ends now moves on with the clock; a brushed one stays where the hand left it. */
  function slide(next) {
    const {context, filter} = state;
    if (!next || !context || (next[0] === context.since && next[1] === context.until)) return;
    const whole = filter.since === context.since && filter.until === context.until;
    shell.put("context", {since: next[0], until: next[1]});
    if (whole) shell.patchFilter({since: next[0], until: next[1]});
  }

  /* An answer that is a refusal or a failure is seen here, whoever asked. */
  const plainFetch = window.fetch;
  window.fetch = async (...request) => {
    const url = String(request[0]?.url || request[0]);
    try {
      const answer = await plainFetch(...request);
      if (url.includes("_dash-update-component")) refused = answer.status >= 500;
      return answer;
    } catch (error) {
      if (url.includes("_dash-update-component")) refused = true;
      throw error;
    }
  };

  setInterval(ask, PERIOD);
  setInterval(show, 1000);
  shell.heard.push((seen, first) => { if (first) ask(); });
})();
