// The pictures of the history can be zoomed into with this script: drag over a
// stretch of time, double click for the whole. Without it they stay as they
// are, and the links above them choose how much is shown.
(() => {
  "use strict";

  const root = document.querySelector("[data-zoom]");
  if (!root || !window.uPlot) return;

  // What is drawn of each measure: the middle, and its range.
  const lines = {
    items: [["fewest", "min_items"], ["most", "max_items"]],
    latency: [["mean", "latency_ms"], ["slowest", "slowest_ms"]],
    bytes: [["mean", "bytes"]],
    limit: [["least left", "least"], ["limit", "limit"]],
    age: [["oldest", "oldest_s"]],
  };
  const units = { latency: " ms", bytes: " B", age: " s" };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Incidents are dashed lines, as in the picture that is replaced.
  const mark = (figure) => (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.setLineDash([6, 5]);
    ctx.lineWidth = 2;
    for (const g of figure.querySelectorAll(".mark")) {
      const x = Math.round(u.valToPos(g.dataset.at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = getComputedStyle(g).getPropertyValue("--b").trim();
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  };

  const draw = (figure, hours) => {
    const id = figure.id.replace(/^c-/, "");
    const wanted = (lines[id] || []).filter(([, key]) => hours.some((h) => h[key] !== null));
    if (!wanted.length) return;
    const place = document.createElement("div");
    place.className = "zoom";
    const plot = figure.querySelector(".plot");
    plot.after(place);
    const axis = { stroke: css("--dim"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 } };
    const colours = [css("--link"), css("--drifted-bar")];
    const series = wanted.map(([label], i) => ({
      label, stroke: colours[i], width: 1.5, value: (_, v) => (v === null ? "–" : Math.round(v).toLocaleString("en") + (units[id] || "")),
    }));
    const options = {
      width: place.clientWidth, height: 220, tzDate: (t) => uPlot.tzDate(new Date(t * 1000), "Etc/UTC"),
      cursor: { sync: { key: "zoom" }, drag: { x: true, y: false } },
      hooks: { draw: [mark(figure)] },
      scales: { y: { range: (_, low, high) => [0, (high || 1) * 1.05] } },
      axes: [axis, { ...axis, size: 64 }], series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, ...series],
    };
    const data = [hours.map((h) => Date.parse(h.start) / 1000), ...wanted.map(([, key]) => hours.map((h) => h[key]))];
    const drawn = new uPlot(options, data, place);
    plot.hidden = figure.querySelector(".ticks").hidden = true;
    addEventListener("resize", () => drawn.setSize({ width: place.clientWidth, height: 220 }));
  };

  fetch(root.dataset.zoom, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((reply) => {
      for (const figure of root.querySelectorAll(".chart")) draw(figure, reply.hours);
      root.querySelector(".zoom-help").hidden = !root.querySelector(".zoom");
      root.classList.add("zooming");
    })
    .catch(() => {}); // the pictures stay as they are
})();
