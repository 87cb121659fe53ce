/* Data of layers: binary columns and GeoJSON, fetched once per address, newest wins. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const ARRAYS = {int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
    int32: Int32Array, uint32: Uint32Array, float32: Float32Array};

  /* docs/columns.md; the twin of layers/columns.py. */
  room.decode = (buffer) => {
    const view = new DataView(buffer);
    if (buffer.byteLength < 8 || view.getUint32(0, false) !== 0x47524331) throw new Error("not columns: wrong magic");
    const length = view.getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const columns = {};
    for (const {name, type, offset, count} of header.columns) {
      columns[name] = new ARRAYS[type](buffer, 8 + length + offset, count);
    }
    return {n: header.n, columns, meta: header.meta, bytes: buffer.byteLength};
  };
  room.positions = (lon, lat, size = 2, z = null) => {
    const out = new Float64Array(lon.length * size);
    for (let i = 0; i < lon.length; i++) {
      out[i * size] = lon[i] * 1e-7;
      out[i * size + 1] = lat[i] * 1e-7;
      if (size === 3 && z) out[i * size + 2] = z[i];
    }
    return out;
  };

  /* box= snapped outwards to a raster of a quarter screen, so that small moves ask for the same address. */
  room.box = () => {
    const root = document.getElementById("map-canvas");
    const {longitude, latitude, zoom, pitch, bearing} = room.state.rested;
    const viewport = new window.deck.WebMercatorViewport({longitude, latitude, zoom, pitch, bearing,
      width: root?.clientWidth || 1280, height: root?.clientHeight || 720});
    let [west, south, east, north] = viewport.getBounds();
    const reach = 400 / Math.pow(2, zoom - 1) * 2.2; /* far edge of a pitched view ends somewhere */
    west = Math.max(west, longitude - reach); east = Math.min(east, longitude + reach);
    south = Math.max(south, latitude - reach); north = Math.min(north, latitude + reach);
    const step = 360 / Math.pow(2, Math.floor(zoom) + 1);
    const down = (value, low) => Math.max(low, Math.floor(value / step) * step);
    const up = (value, high) => Math.min(high, Math.ceil(value / step) * step);
    return [down(west, -180), down(south, -85), up(east, 180), up(north, 85)].map((value) => Number(value.toFixed(6)));
  };

  /* What the stream has to tell positions of: the box, and how many metres a pixel is wide. */
  room.sight = () => {
    if (!room.isPlaced() || !room.state.rested) return null;
    const {latitude, zoom} = room.state.rested;
    const metres = 78271.5 * Math.cos(latitude * Math.PI / 180) / Math.pow(2, Math.floor(zoom));
    return {box: room.box().join(","), step: metres.toPrecision(3)};
  };

  const RETRY_MS = 5000;
  const held = {};      /* slot -> {url, content, asked, stop} */
  const shared = new Map(); /* url -> promise, for data that no camera changes */

  async function get(url, binary, signal) {
    const answer = await fetch(url, {signal, headers: {Accept: binary ? "application/octet-stream" : "application/json"}});
    if (!answer.ok) {
      const body = await answer.text();
      let message = answer.status + " " + answer.statusText;
      try { message = JSON.parse(body).error || message; } catch { /* not ours: the status says enough */ }
      throw new Error(message);
    }
    return binary ? room.decode(await answer.arrayBuffer()) : answer.json();
  }

  const address = (ref) => {
    const near = ref["@@near"];
    let url = near && state.camera.zoom >= near.zoom ? near.url : ref["@@columns"] || ref["@@geojson"];
    if (room.looks?.[url]) url += "&look=" + room.looks[url]; /* an answer that is still being made */
    if (ref["@@view"]) {
      url += (url.includes("?") ? "&" : "?") + "box=" + room.box().join(",") +
        "&zoom=" + Math.floor(room.state.rested.zoom * 2) / 2 + "&detail=" + room.state.detail;
    }
    if (ref["@@point"]) url += (url.includes("?") ? "&" : "?") + "lon=" + room.state.point[0] + "&lat=" + room.state.point[1];
    return url;
  };

  /* The content at hand for a slot: the wanted one, else the last one while the wanted one is on its way. */
  room.data = (slot, ref, key) => {
    if (!ref || typeof ref !== "object" || !(ref["@@columns"] || ref["@@geojson"])) return ref;
    const cell = (held[slot] ??= {});
    if (ref["@@view"] && !room.state.rested) return cell.content ?? null;
    if (ref["@@point"] && !room.state.point) { cell.asked = null; return null; } /* no card is open for a point */
    const url = address(ref);
    const barred = cell.failed === url && performance.now() < cell.retry;
    if (cell.asked !== url && !barred) {
      cell.asked = url;
      cell.stop?.abort();
      cell.stop = new AbortController();
      const binary = Boolean(ref["@@columns"]);
      let coming = ref["@@view"] ? null : shared.get(url);
      if (!coming) {
        coming = get(url, binary, ref["@@view"] ? cell.stop.signal : undefined);
        if (!ref["@@view"]) {
          shared.set(url, coming);
          if (shared.size > 40) shared.delete(shared.keys().next().value);
        }
      }
      room.state.waiting = (room.state.waiting || 0) + 1;
      coming.then((content) => {
        if (cell.asked !== url) return; /* overtaken */
        cell.content = content;
        cell.url = url;
        room.fail(key, null);
        room.emit("content", {key, slot, content});
      }, (error) => {
        shared.delete(url);
        if (error.name === "AbortError" || cell.asked !== url) return;
        cell.asked = null;
        cell.failed = url;
        cell.retry = performance.now() + RETRY_MS;
        setTimeout(room.schedule, RETRY_MS + 10);
        room.fail(key, error.message);
      }).finally(() => { room.state.waiting -= 1; room.schedule(); });
    }
    return cell.content ?? null;
  };
  /* Content that came another way than by its address, such as by the stream; the next answer replaces it. */
  room.put = (key, slot, content, schedule = room.schedule) => {
    (held[slot] ??= {}).content = content;
    room.emit("content", {key, slot, content});
    schedule();
  };
  /* Another moment: an address may answer otherwise from now on. */
  room.forget = () => shared.clear();
  room.content = (slot) => held[slot]?.content ?? null;
  room.idle = () => !room.state.waiting && !room.state.scheduled;
  room.on("rest", (camera) => {
    if (!room.isPlaced()) return;
    room.state.rested = {...camera};
    room.schedule();
  });
})();
