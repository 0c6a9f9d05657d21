// The page works without this script. It adds three things: times that stay
// right while the page is open, news without a reload, and Escape, which folds
// what one is in.
(() => {
  "use strict";

  const span = (s) => {
    if (s < 100) return Math.round(s) + " s";
    if (s < 6000) return Math.round(s / 60) + " min";
    if (s < 172800) {
      const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
      return h + " h" + (m ? " " + m + " min" : "");
    }
    const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24;
    return d >= 10 ? d + " days" : d + " d" + (h ? " " + h + " h" : "");
  };

  // The distance to the server's clock, so that a wrong clock here shows no
  // wrong ages.
  let skew = 0;
  const learnSkew = (doc) => {
    const t = doc.querySelector("#asof time");
    if (t) skew = Date.parse(t.dateTime) - Date.now();
  };

  const tellTimes = () => {
    const now = Date.now() + skew;
    for (const t of document.querySelectorAll("time[data-ago]")) {
      const s = (now - Date.parse(t.dateTime)) / 1000;
      const text = s < -2 ? "in " + span(-s) : s < 2 ? "just now" : span(s) + " ago";
      if (t.textContent !== text) t.textContent = text;
    }
  };

  // Exchange the parts that may have changed; what the reader has unfolded,
  // searched or focused stays as it is.
  const exchange = (fresh) => {
    for (const part of fresh.querySelectorAll("[data-live][id]")) {
      const old = document.getElementById(part.id);
      if (!old || old.innerHTML === part.innerHTML || old.contains(document.activeElement)) continue;
      for (const d of part.querySelectorAll("details[id]")) {
        const was = document.getElementById(d.id);
        if (was) d.open = was.open;
      }
      old.replaceWith(document.adoptNode(part));
    }
  };

  let busy = false, again = false;
  const refresh = async () => {
    if (document.hidden) { again = true; return; }
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        learnSkew(fresh);
        exchange(fresh);
        tellTimes();
      }
    } catch { /* the server is away; the event stream will say when it is back */ }
    setTimeout(() => { busy = false; if (again) refresh(); }, 2000);
  };

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !document.activeElement) return;
    const unfolded = document.activeElement.closest("details[open]");
    if (!unfolded) return;
    unfolded.open = false;
    unfolded.querySelector("summary").focus();
  });

  learnSkew(document);
  setInterval(tellTimes, 5000);
  if (!window.EventSource) return;
  let first = "";
  let stream;
  const listen = () => {
    stream = new EventSource("/events");
    stream.addEventListener("news", (e) => {
      if (first && e.data !== first) refresh();
      first = e.data;
    });
    stream.addEventListener("open", () => document.documentElement.classList.add("live"));
    stream.addEventListener("error", () => {
      document.documentElement.classList.remove("live");
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 60000);
    });
  };
  listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
  // A browser that keeps the page for its back button must not keep the stream.
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (e) => { if (e.persisted) { listen(); refresh(); } });
})();
