/* The one clock of the page: live, paused or replay, with the moment T that everything shows. While it is not
   live, whatever is asked of the server says T, so that no panel has code of its own for the past. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  const HEADER = "X-Clock-At";
  /* What obeys the clock; a change of the past is refused by the server, so changes say T as well. */
  const OBEYS = /^\/(columns\/|_dash-update-component$|cases\/|alerts\/)/;
  const EVERY_MS = 1000, EVERY_SOFT_MS = 3000; /* how often the figures follow a playing clock at most */
  const DAY = 86400000, HOUR = 3600000;

  const text = (at) => new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19) + "Z";
  const ms = (iso) => new Date(iso).getTime();
  const given = ms((new URLSearchParams(location.search).get("at") || "").replace(" ", "+"));
  const clock = {mode: given ? "paused" : "live", at: given || null, told: given || null, speed: 60, status: null, heard: []};
  shell.clock = clock;
  clock.text = text;
  clock.away = () => clock.mode !== "live";
  /* A moment in the address that cannot be shown is refused: the page came as of now, and says why. */
  let checked = false;
  const check = () => {
    const shown = !checked && document.querySelector(".page")?.dataset.at;
    if (!shown) return;
    checked = true;
    if (given && Math.abs(ms(shown) - given) >= 1000) Object.assign(clock, {mode: "live", at: null, told: null});
  };

  /* ---- every question says T ---- */
  let pending = 0;
  const plainFetch = window.fetch;
  window.fetch = async (input, options = {}) => {
    const url = new URL(input?.url || input, location.href);
    check();
    if (!clock.away() || url.origin !== location.origin || !OBEYS.test(url.pathname)) return plainFetch(input, options);
    const headers = new Headers(options.headers || input?.headers || {});
    if (!headers.has(HEADER)) headers.set(HEADER, text(clock.told));
    const counts = !url.pathname.startsWith("/columns/motion");
    pending += counts;
    try {
      const answer = await plainFetch(input, {...options, headers});
      if (url.pathname === "/_dash-update-component") refused(answer.status === 400 ? await reason(answer.clone()) : "");
      return answer;
    } finally {
      pending -= counts;
    }
  };

  /* Figures that the server refuses for this moment are not those of it: the page says so. */
  const reason = async (answer) => {
    const body = await answer.text();
    try { return String(JSON.parse(body).error || body).slice(0, 300); } catch { return body.slice(0, 300); /* not ours */ }
  };
  let told = "";
  function refused(why) {
    if (why === told) return;
    told = why;
    const words = document.querySelector(".transport")?.dataset.refused || "{why}";
    window.dash_clientside.set_props("wall-failure", {children: why ? words.replace("{why}", why) : ""});
  }

  /* ---- the district's own time, as the server writes it ---- */
  const zone = () => state.now?.time_zone || "Asia/Shanghai";
  const offset = (at) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {timeZone: zone(), hourCycle: "h23", year: "numeric", month: "2-digit",
      day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit"}).formatToParts(at).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(at / 1000) * 1000;
  };
  const iso = (at) => {
    const shift = offset(at), far = Math.abs(shift) / 60000, two = (n) => String(Math.floor(n)).padStart(2, "0");
    return new Date(at + shift).toISOString().slice(0, 19) + (shift < 0 ? "-" : "+") + two(far / 60) + ":" + two(far % 60);
  };
  clock.iso = iso;
  clock.words = (at, seconds = true) => iso(at).slice(5, seconds ? 19 : 16).replace("T", " ");
  const now = () => (clock.status ? ms(clock.status.now) : Infinity);
  /* A moment that can be shown: from the first case on, by now. */
  const within = (at) => Math.min(Math.max(at, ms((clock.status || state.now)?.first) || -Infinity), now());
  const midnight = (at) => Math.floor((at + offset(at)) / DAY) * DAY - offset(at);
  /* The windows of one click as of T: as dashboard/presets.py makes them. */
  function presets(at) {
    const until = Math.ceil(at / 60000) * 60000, day = midnight(until - 1000), found = {today: [day, day + DAY]};
    Object.entries({"24h": 1, "7d": 7, "30d": 30, "90d": 90}).forEach(([key, days]) => { found[key] = [until - days * DAY, until]; });
    const first = (clock.status || state.now)?.presets?.all?.[0];
    if (first) found.all = [Math.min(ms(first), until - HOUR), until];
    return Object.fromEntries(Object.entries(found).map(([key, span]) => [key, span.map(iso)]));
  }

  /* ---- what the server is told ---- */
  let toldAt = 0, tookMs = null;
  function tell() {
    clock.told = Math.floor(clock.at / 1000) * 1000;
    toldAt = performance.now();
    tookMs = null;
    window.mapRoom?.forget?.();
    const {first} = clock.status || state.now || {};
    shell.put("now", {now: iso(clock.told), first, time_zone: zone(), presets: presets(clock.told)});
    shell.anew(text(clock.told));
  }
  /* Figures follow when the last ones have come, and take at most a third of the time. */
  function follow(every) {
    const since = performance.now() - toldAt;
    if (since < Math.min(every, 250) || pending || window.mapRoom?.state.waiting) return;
    tookMs ??= since; /* the answers have come */
    if (since > Math.max(every, 3 * tookMs) && Math.abs(clock.at - clock.told) >= 1000) tell();
  }

  /* ---- acts ---- */
  function change(mode) {
    clock.mode = mode;
    clock.heard.forEach((hear) => hear(mode));
    show();
  }
  clock.seek = (at, mode = clock.mode === "replay" ? "replay" : "paused") => {
    clock.at = within(at);
    turn();
    change(mode);
    tell();
  };
  clock.scrub = (at) => {
    if (!clock.away()) clock.told = ms(state.now.now);
    clock.at = within(at);
    if (clock.mode !== "paused") change("paused");
    follow(300);
    show();
  };
  clock.play = () => {
    if (clock.mode === "replay") return clock.pause();
    const {context} = state;
    const atEnd = !clock.away() || clock.at >= now();
    /* from live: from the beginning of what the time line spans, an hour back at most of a short one */
    if (atEnd) clock.at = within(Math.max(ms(context.since), now() - Math.max(HOUR, clock.speed * 60000)));
    change("replay");
    tell();
    last = performance.now();
    requestAnimationFrame(tick);
  };
  clock.pause = () => { if (clock.away()) { change("paused"); tell(); } };
  clock.step = (way) => {
    const at = clock.away() ? clock.at : ms(state.now.now);
    if (way > 0 && !clock.away()) return;
    clock.seek(at + way * clock.speed * 1000);
  };
  clock.live = () => {
    if (!clock.away()) return;
    const {status} = clock, {context, filter, view} = state;
    const whole = context && filter.since === context.since && filter.until === context.until;
    refused("");
    change("live");
    window.mapRoom?.forget?.();
    if (!status) return; /* the next status brings all of it */
    shell.put("now", {now: status.now, first: status.first, time_zone: status.time_zone, presets: status.presets});
    const window_ = status.presets[view.preset];
    if (window_) {
      shell.put("context", {since: window_[0], until: window_[1]});
      if (whole) shell.patchFilter({since: window_[0], until: window_[1]});
    }
    shell.anew(status.version);
    show();
  };
  /* What the server says of now: kept for the way back. True: it is not for the page, which is elsewhere. */
  clock.hears = (status) => {
    clock.status = status;
    if (!clock.away()) return false;
    show();
    return true;
  };

  /* The time line turns its page when T leaves it. */
  function turn() {
    const {context, filter} = state;
    if (!context) return;
    const since = ms(context.since), until = ms(context.until), span = until - since;
    if (clock.at >= since && clock.at < until) return;
    const whole = filter.since === context.since && filter.until === context.until;
    const from = Math.floor((clock.at - span / 4) / 60000) * 60000;
    const next = {since: iso(from), until: iso(from + span)};
    shell.put("context", next);
    if (whole) shell.patchFilter(next);
  }

  /* ---- playing: as fast as the time passes, not as the frames come ---- */
  let last = 0;
  function tick(at) {
    if (clock.mode !== "replay") return;
    const passed = Math.min(1000, Math.max(0, at - last));
    last = at;
    if (!shell.motion?.missing()) clock.at += passed * clock.speed;
    if (clock.at >= now()) return clock.live();
    turn();
    follow(window.mapRoom?.software ? EVERY_SOFT_MS : EVERY_MS);
    show();
    requestAnimationFrame(tick);
  }

  /* ---- what is seen of it ---- */
  const el = (id) => document.getElementById(id);
  const write = (element, words) => { if (element && element.textContent !== words) element.textContent = words; };
  const set = (element, name, value) => { if (element && element.getAttribute(name) !== value) element.setAttribute(name, value); };
  const act = (name) => document.querySelector(`[data-act="${name}"]`);
  function show() {
    if (!state.now) return;
    const away = clock.away(), playing = clock.mode === "replay", at = away ? clock.at : ms(state.now.now);
    document.documentElement.classList.toggle("is-replay", away);
    write(el("wall-moment"), clock.words(at, away));
    const play = act("play");
    if (play) {
      write(play, playing ? play.dataset.pause : play.dataset.play);
      const help = playing ? play.dataset.pauseHelp : play.dataset.playHelp;
      set(play, "aria-label", help);
      set(play, "title", help);
      play.classList.toggle("is-set", playing);
    }
    set(act("live"), "aria-pressed", String(!away));
    if (act("step-on")) act("step-on").disabled = !away;
    const follows = act("follow");
    if (follows) {
      follows.hidden = state.selection?.kind !== "officer";
      set(follows, "aria-pressed", String(Boolean(clock.follows)));
    }
    shell.timeline?.head?.(at);
    shell.showBadge?.();
  }
  clock.show = show;
  function speed(value) {
    clock.speed = value;
    write(el("wall-speed"), value + "×");
    document.querySelectorAll('[data-act="speed"]').forEach((one) => set(one, "aria-checked", String(Number(one.dataset.value) === value)));
    shell.closeAll();
  }
  Object.assign(shell.acts, {
    play: clock.play, live: clock.live, "step-back": () => clock.step(-1), "step-on": () => clock.step(1),
    speed: (element) => speed(Number(element.dataset.value)),
    follow: () => { clock.follows = !clock.follows; show(); },
  });

  const pressed = "button, a, summary, [role=radio], [role=checkbox], [role=switch]";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !state.now || event.defaultPrevented) return;
    if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && !event.target.closest?.(pressed)) { event.preventDefault(); clock.play(); }
    else if (event.key === "," || event.key === ".") clock.step(event.key === "," ? -1 : 1);
    else if (event.key === "l" || event.key === "L") clock.live();
  });
  shell.heard.push((seen, first) => {
    if (!shell.same(seen.selection, state.selection)) clock.follows = false;
    check();
    if (first && clock.away()) clock.told = ms(state.now.now); /* the page came as of this moment */
    show();
  });
})();
