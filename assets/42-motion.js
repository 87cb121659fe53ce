/* Officers between their fixes: while the clock plays, pieces of their movements are asked for ahead, and each
   frame puts everybody where they were at T, older positions fainter. The picture stays that of layer "officers". */
(function () {
  "use strict";
  const shell = window.shell, room = window.mapRoom;
  const {clock} = shell, {state} = room;
  const SLOT = "officers", KEPT = 4, SHARE = 0.75; /* of a piece; the rest shows where its last steps lead */
  const RETRY_MS = 3000, STANDS = 999, MOVED_DEG = 2e-5; /* two metres */

  let pieces = [], shownContent = null, waiting = null, failedAt = -Infinity, frameAsked = false;

  /* One fix for so many seconds: at great speed nobody sees more. */
  const stepOf = (speed) => (speed <= 300 ? 0 : speed <= 900 ? 60 : 240);
  const lengthOf = (speed) => Math.max(900, 60 * stepOf(speed)) * 1000;
  const live = () => (clock.status ? new Date(clock.status.now).getTime() : Infinity);

  const pieceAt = (at) => pieces.find((one) => one.step === stepOf(clock.speed) && at >= one.from && at < one.good);
  async function ask(from) {
    const length = lengthOf(clock.speed), until = Math.min(from + length, live());
    if (waiting || until <= from || performance.now() - failedAt < RETRY_MS) return;
    const mine = (waiting = {from, step: stepOf(clock.speed), until, good: until < from + length ? until : from + length * SHARE});
    const query = new URLSearchParams({from: clock.text(from), until: clock.text(until), step: String(mine.step)});
    try {
      const answer = await fetch("/columns/motion?" + query, {headers: {"X-Clock-At": clock.text(until)}});
      if (!answer.ok) throw new Error(answer.status + " " + answer.statusText);
      mine.content = room.decode(await answer.arrayBuffer());
      mine.cursor = new Uint32Array(mine.content.n);
      pieces = [...pieces.slice(1 - KEPT), mine];
    } catch (error) {
      failedAt = performance.now(); /* the last picture stays; asked again in a while */
      console.warn("movements did not come", error.message);
    } finally {
      waiting = null;
    }
  }
  const begin = (at) => { const stride = lengthOf(clock.speed) * SHARE; return Math.floor(at / stride) * stride; };
  /* The piece of this moment and, from its middle on, the next one. */
  function provide(at) {
    const piece = pieceAt(at);
    if (!piece) return ask(begin(at));
    if (at > piece.from + (piece.good - piece.from) / 2 && piece.good < live() && !pieceAt(piece.good + 1)) ask(begin(piece.good + 1));
    return null;
  }

  /* Where everybody is at T: on the way from one fix to the next, unless the silence between is too long to know it. */
  function placed(piece, at) {
    const {n, columns: {start, lon, lat, second, area, role}, meta} = piece.content, {cursor} = piece;
    const t = at / 1000 - meta.origin, gap = Math.max(meta.gap_s, 3 * piece.step), ids = [];
    const out = {lon: new Int32Array(n), lat: new Int32Array(n), age: new Uint32Array(n), heading: new Uint16Array(n),
      area: new area.constructor(n), role: new role.constructor(n)};
    let m = 0;
    for (let i = 0; i < n; i++) {
      let k = start[i] + cursor[i];
      if (second[k] > t) k = start[i]; /* T went back */
      while (k + 1 < start[i + 1] && second[k + 1] <= t) k += 1;
      cursor[i] = k - start[i];
      if (second[k] > t) continue; /* not yet seen */
      const next = k + 1 < start[i + 1] && second[k + 1] - second[k] <= gap ? k + 1 : k;
      const part = next > k ? (t - second[k]) / (second[next] - second[k]) : 0;
      const east = lon[next] - lon[k], north = lat[next] - lat[k];
      out.lon[m] = lon[k] + part * east;
      out.lat[m] = lat[k] + part * north;
      out.age[m] = t - second[k];
      const wide = east * Math.cos(lat[k] * 1e-7 * Math.PI / 180);
      out.heading[m] = Math.hypot(wide, north) * 1e-7 > MOVED_DEG ? (Math.atan2(wide, north) * 180 / Math.PI + 360) % 360 : STANDS;
      out.area[m] = area[k];
      out.role[m] = role[i];
      ids.push(meta.ids[i]);
      m += 1;
    }
    const columns = Object.fromEntries(Object.entries(out).map(([name, values]) => [name, values.subarray(0, m)]));
    return {n: m, columns, meta: {kind: SLOT, selects: "officer", ids, roles: meta.roles, areas: meta.areas,
      fresh_s: meta.fresh_s, late_s: meta.late_s}};
  }

  /* The layer asks as ever, and gets the moving picture while there is one. */
  const {data, content} = room;
  room.data = (slot, ref, key) => {
    const found = data(slot, ref, key);
    return slot === SLOT && shownContent ? shownContent : found;
  };
  room.content = (slot) => (slot === SLOT && shownContent) || content(slot);

  function follow() {
    const {selection} = shell.state;
    if (!clock.follows || selection?.kind !== "officer" || !shownContent) return;
    const i = shownContent.meta.ids.indexOf(selection.code);
    if (i < 0 || state.goal) return; /* a flight is under way */
    const lon = shownContent.columns.lon[i] * 1e-7, lat = shownContent.columns.lat[i] * 1e-7;
    const root = document.getElementById("map-canvas"), {longitude, latitude, zoom} = state.camera;
    const degrees = 360 / 512 / Math.pow(2, zoom);
    /* calm: the camera moves only when the officer leaves the middle of the picture */
    const far = Math.abs(lon - longitude) > root.clientWidth / 8 * degrees || Math.abs(lat - latitude) > root.clientHeight / 8 * degrees;
    if (far) room.setCamera({lon, lat}, room.software ? 0 : 600);
  }

  /* One frame after the other: without a GPU each is dear, so the page breathes as long as the last one took. */
  let began = 0;
  function frame() {
    frameAsked = false;
    if (clock.mode !== "replay" || !state.deck) return;
    provide(clock.at);
    const piece = pieceAt(clock.at);
    if (piece && room.isShown(SLOT)) {
      shownContent = placed(piece, clock.at);
      follow();
      room.schedule(true);
    }
    began = performance.now();
    if (!piece || !room.isShown(SLOT)) next(200);
  }
  function next(ms) {
    if (frameAsked) return;
    frameAsked = true;
    if (ms) setTimeout(frame, ms);
    else requestAnimationFrame(frame);
  }
  room.on("drawn", () => {
    if (clock.mode === "replay") requestAnimationFrame(() => next(room.software ? Math.max(60, performance.now() - began) : 0));
  });
  /* Once the server's own picture of the moment has come, it is shown. */
  room.on("content", ({slot}) => { if (slot === SLOT && clock.mode !== "replay") shownContent = null; });
  clock.heard.push((mode) => {
    if (mode === "replay") next(0);
    else if (mode === "live") pieces = [];
  });

  /* ---- live: positions that the stream brings are walked to, where a frame costs little ---- */
  const GLIDE_MS = 1000, JUMP = 40000; /* 1e-7 degrees, some 400 m: farther is a jump, and jumps */
  const {put} = room;
  let glide = null;
  room.put = (key, slot, content_, schedule) => {
    const before = slot === SLOT && clock.mode === "live" && !room.software ? room.content(slot) : null;
    put(key, slot, content_, schedule);
    if (before) begins(before, content_);
  };
  function begins(before, after) {
    const named = Boolean(after.meta.ids[0]), places = new Map(before.meta.ids.map((id, i) => [id, i]));
    if (!named && before.n !== after.n) return; /* without names the order says who is who */
    const from = (name) => after.columns[name].map((value, i) => {
      const at = named ? places.get(after.meta.ids[i]) : i;
      return at === undefined || Math.abs(before.columns[name][at] - value) > JUMP ? value : before.columns[name][at];
    });
    glide = {after, began: performance.now(), lon: from("lon"), lat: from("lat")};
    glideOn();
  }
  function glideOn() {
    if (!glide || clock.mode !== "live") { glide = null; return; }
    const {after, began: since, lon, lat} = glide, part = Math.min(1, (performance.now() - since) / GLIDE_MS);
    const between = (from, to) => to.map((value, i) => from[i] + part * (value - from[i]));
    shownContent = part < 1 ? {...after, columns: {...after.columns, lon: between(lon, after.columns.lon), lat: between(lat, after.columns.lat)}} : null;
    if (part === 1) glide = null;
    room.schedule();
  }
  room.on("drawn", () => { if (glide) requestAnimationFrame(glideOn); });

  shell.motion = {
    /* While the piece of this moment is on its way, the clock waits for it. */
    missing: () => Boolean(waiting) && room.isShown(SLOT) && !pieceAt(clock.at),
    content: () => shownContent,
    place: placed,
  };
})();
