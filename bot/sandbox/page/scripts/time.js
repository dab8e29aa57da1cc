// Times as people read them. Slack's `ts` is seconds since the epoch with six digits, as text.

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

function date(seconds) {
  return new Date(Number(seconds) * 1000);
}

export function clock(seconds) {
  return CLOCK.format(date(seconds));
}

export function full(seconds) {
  return FULL.format(date(seconds));
}

export function dayKey(seconds) {
  return date(seconds).toDateString();
}

export function dayName(seconds, now = Date.now()) {
  const key = dayKey(seconds);
  if (key === new Date(now).toDateString()) return "Today";
  if (key === new Date(now - 86_400_000).toDateString()) return "Yesterday";
  return DAY.format(date(seconds));
}

/** "10:42" today, else "22 Nov, 10:42". */
export function when(seconds) {
  return dayName(seconds) === "Today" ? clock(seconds) : `${SHORT_DAY.format(date(seconds))}, ${clock(seconds)}`;
}

/** A stretch of time in one unit: "8 s", "9 min", "2 h". */
export function stretch(seconds) {
  if (seconds < 100) return `${Math.max(0, Math.ceil(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
