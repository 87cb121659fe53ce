/* The age of the data, the clock, and what is said when the server stays silent.
   A failure never clears the picture: the last one stays and says since when. */
(function () {
  "use strict";
  /* Silence and patience are measured by a clock that nobody sets: a corrected wall clock must not hide a failure. */
  const shell = window.shell, {state} = shell;
  let status = null, heardAt = 0, lost = false, refused = false, version = null;

  const el = (id) => document.getElementById(id);
  const parts = (at, options) => new Intl.DateTimeFormat("zh-CN", {timeZone: (status || state.now)?.time_zone || "Asia/Shanghai", hourCycle: "h23", ...options}).format(at);
  const hhmm = (at) => parts(at, {hour: "2-digit", minute: "2-digit"});
  const dayTime = (at) => parts(at, {month: "2-digit", day: "2-digit"}).replace("/", "-") + " " + hhmm(at);

  function age(seconds, texts) {
    const [unit, n] = seconds < 90 ? ["S", seconds] : seconds < 5400 ? ["Min", seconds / 60]
      : seconds < 129600 ? ["H", seconds / 3600] : ["D", seconds / 86400];
    return texts["age" + unit].replace("{n}", Math.max(0, Math.round(n)));
  }

  function show() {
    const badge = el("wall-badge"), clock = el("wall-clock");
    const known = status || (state.now && {...state.now, age_s: 0}); /* before anything was heard: as the page came */
    if (!badge || !known) return;
    const texts = badge.dataset;
    const silent = (performance.now() - heardAt) / 1000;
    const seconds = known.age_s + silent;
    const failing = lost || refused || known.failed_since || seconds > 45;
    if (!status && !failing) return;
    const away = shell.clock?.away();
    const upTo = new Date(known.refreshed_at || known.now);
    const text = failing ? texts.stale.replace("{time}", hhmm(upTo))
      : away ? texts[shell.clock.mode === "replay" ? "replay" : "paused"].replace("{time}", shell.clock.words(shell.clock.at))
      : known.frozen ? texts.frozen.replace("{time}", dayTime(new Date(known.now)))
        : texts.live.replace("{age}", age(seconds, texts));
    if (badge.textContent !== text) badge.textContent = text;
    badge.className = "badge " + (failing ? "badge--stale" : away ? "badge--replay" : "badge--live");
    document.documentElement.classList.toggle("is-stale", Boolean(failing));
    const now = away ? new Date(shell.clock.at)
      : new Date(new Date(known.now).getTime() + silent * 1000 * (known.rate ?? 1)); /* 0: it stands */
    const time = known.frozen && !away ? hhmm(now) : parts(now, {hour: "2-digit", minute: "2-digit", second: "2-digit"});
    if (clock.textContent !== time) {
      clock.textContent = time;
      clock.title = clock.dataset.zone.replace("{zone}", known.time_zone);
    }
  }

  /* ---- what changed is told by a stream; where there is none, asked for ----
     Whatever was missed comes with the next answer, for each goes on from the cursor of the last one. */
  const live = (shell.live = {heard: [], isStreaming: () => Boolean(stream), cursor: () => cursor,
    hangUp: () => { close(); again(0); }});
  const QUIET_MS = 25000; /* the server says something every ten seconds */
  const HIDDEN_MS = 5000, AGAIN_MS = 2000, STREAM_AGAIN_MS = 30000;
  /* What of the map the stream tells: whoever is elsewhere, or moved less than a pixel, is left out. */
  const SIGHT_MS = 1000, PLACED_MS = 3000;
  let told = null, turning = 0;
  const sightOf = () => { const sight = window.mapRoom?.sight?.(); return sight ? `box=${sight.box}&step=${Number(sight.step)}` : ""; };
  let stream = null, cursor = null, asking = false, timer = 0, triedAt = -Infinity, hiding = 0, worked = false;
  const query = () => {
    const asked = new URLSearchParams(cursor ? {cursor} : {});
    if (shell.seat?.()) asked.set("seat", shell.seat());
    const sight = sightOf();
    new URLSearchParams(sight).forEach((value, name) => asked.set(name, value));
    if (sight !== told) asked.set("whole", "1");
    told = sight;
    return asked.size ? "?" + asked : "";
  };

  function open() {
    if (stream || document.hidden) return;
    triedAt = performance.now();
    worked = false;
    const mine = (stream = new EventSource("/api/live" + query()));
    mine.onmessage = (event) => { if (stream === mine) { worked = true; take(JSON.parse(event.data)); } };
    mine.onerror = () => { if (stream === mine) live.hangUp(); };
  }
  /* The first stream waits a while for the map to know what it shows. */
  function begin(until) {
    if (window.mapRoom && !sightOf() && performance.now() < until) setTimeout(begin, 100, until);
    else open();
  }
  function close() {
    stream?.close();
    stream = null;
  }
  function again(ms) {
    clearTimeout(timer);
    timer = setTimeout(ask, ms);
  }
  /* Asked once after a stream broke: the answer says whether it was the network, the server or the session. */
  async function ask() {
    if (asking || stream || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch("/api/delta" + query(), {cache: "no-store", signal: AbortSignal.timeout(8000)});
      if (answer.status === 400) cursor = null;
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.json());
      if (performance.now() - triedAt > (worked ? AGAIN_MS : STREAM_AGAIN_MS)) open();
    } catch (error) {
      console.info("no answer about changes", error.message);
      lost = true;
    } finally {
      asking = false;
      if (!stream) again(AGAIN_MS);
      show();
    }
  }
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding); /* a page that nobody sees holds no stream: a browser has few of them */
    if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
    else if (!stream) again(0);
  });
  window.addEventListener("pagehide", close);
  /* The map shows something else: the stream goes on from its cursor with that. */
  window.addEventListener("load", () => window.mapRoom?.on("rest", () => {
    clearTimeout(turning);
    turning = setTimeout(() => { if (stream && sightOf() !== told) { close(); open(); } }, SIGHT_MS);
  }));

  function take(found) {
    status = found;
    heardAt = performance.now();
    lost = false;
    cursor = found.cursor;
    shell.emergency?.hear(found.emergencies, found.tasks); /* what is under way is told whatever moment the page shows */
    if (!state.view) return;
    if (shell.clock?.hears(found)) {
      shell.cast?.hear(found.cast); /* a wall in the past may be called back */ /* the page shows another moment: kept for the way back */
      version = found.version;
      news = null;
      return;
    }
    if (version !== found.version && version !== null) {
      news = found.version;
      moved ||= found.reset || found.kinds.some((kind) => !QUICK.has(kind));
    }
    moved ||= !found.frozen && performance.now() - movedAt > MOVED_MS;
    version = found.version;
    const next = found.presets[state.view.preset];
    if (performance.now() - clockAt > CLOCK_MS || moves(next)) {
      clockAt = performance.now();
      shell.put("now", {now: found.now, first: found.first, time_zone: found.time_zone, presets: found.presets});
      slide(next);
    }
    live.heard.forEach((hear) => hear(found));
    /* what a sensor read changes no figure: only its card is asked for anew */
    if (found.kinds.includes("readings") && state.selection?.kind === "resource") window.dash_clientside.set_props("shell-acted", {data: "read" + cursor});
    shell.cast?.hear(found.cast);
    show();
    refresh();
  }
  /* New figures are asked for when the last ones stand on the screen, and a third as long again after: a slow screen
     falls behind, it does not choke. Charts follow every ten seconds. Where forces are is told by the stream; their
     ways are asked for anew more seldom. */
  const CLOCK_MS = 5000, PAUSE_MS = 300, LOOK_MS = 100, CHARTS_MS = 10000, MOVED_MS = 60000, QUICK = new Set(["cases", "alerts", "whistle"]);
  let news = null, moved = false, movedAt = performance.now(), charted = true, chartedAt = performance.now(), underway = 0, clockAt = -Infinity, askedAt = -Infinity, stoodAt = -Infinity;
  const isDrawing = () => underway || window.mapRoom?.state.waiting || window.mapRoom?.state.scheduled;
  function refresh() {
    if (isDrawing()) return;
    if (stoodAt < askedAt) stoodAt = performance.now();
    const now = performance.now(), charts = !charted && now - chartedAt > CHARTS_MS;
    if ((news === null && !moved && !charts) || now - stoodAt < Math.max(PAUSE_MS, (stoodAt - askedAt) / 3)) return;
    askedAt = now;
    shell.anew(news, charts, moved);
  }
  /* Numbers, lists and cases are asked for anew, charts, forces and their ways; null: no other moment or data. */
  shell.anew = (at, withCharts = true, withForces = true) => {
    const put = window.dash_clientside.set_props, now = performance.now();
    if (at !== null) { put("shell-data-version", {data: at}); charted = false; }
    if (withCharts) { put("shell-charted", {data: String(now)}); charted = true; chartedAt = now; }
    if (withForces) { put("shell-moved", {data: String(now)}); moved = false; movedAt = now; }
    news = null;
  };
  setInterval(refresh, LOOK_MS);
  /* Dash keeps every change of an input for an undo that nobody is offered (plotly/dash#727). */
  const KEPT_CHANGES = 20;
  function forget() {
    (window.dash_stores || []).forEach((store) => {
      const past = store.getState().history?.past;
      if (past?.length > KEPT_CHANGES) past.splice(0, past.length - KEPT_CHANGES);
    });
  }
  const moves = (next) => next && state.context && (next[0] !== state.context.since || next[1] !== state.context.until);
  /* A window that ends now moves on with the clock; a brushed one stays where the hand left it. */
  function slide(next) {
    if (!moves(next)) return;
    const {context, filter} = state;
    const whole = filter.since === context.since && filter.until === context.until;
    shell.put("context", {since: next[0], until: next[1]});
    if (whole) shell.patchFilter({since: next[0], until: next[1]});
  }

  /* An answer that is a refusal or a failure is seen here, whoever asked. */
  const plainFetch = window.fetch;
  window.fetch = async (...request) => {
    const url = String(request[0]?.url || request[0]);
    const isFigures = url.includes("_dash-update-component");
    underway += isFigures;
    try {
      const answer = await plainFetch(...request);
      if (isFigures) refused = answer.status >= 500;
      return answer;
    } catch (error) {
      if (isFigures) refused = true;
      throw error;
    } finally {
      underway -= isFigures;
    }
  };

  /* Every second: a stream on which nothing comes is none; the age grows. */
  setInterval(() => {
    if (stream && performance.now() - heardAt > QUIET_MS && performance.now() - triedAt > QUIET_MS) live.hangUp();
    forget();
    show();
  }, 1000);
  shell.showBadge = show;
  shell.heard.push((seen, first) => {
    if (!first) return;
    version = document.querySelector(".page")?.dataset.version ?? null;
    begin(performance.now() + PLACED_MS);
  });
})();
