// The centre's time of day, by the server's clock: a screen whose own clock is years off still shows the right hour.

/** "14:05" in the centre's time zone. */
export function timeOfDay(at, timezone) {
  return format("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: timezone || "Europe/London" }, at);
}

/** The day's name in a visitor's language, digits as everywhere else in the building. */
export function dayName(at, timezone, language) {
  const locale = language === "en" ? "en-GB" : `${language}-u-nu-latn`;
  return format(locale, { weekday: "long", timeZone: timezone || "Europe/London" }, at);
}

/** How many local midnights lie between two instants. */
export function daysBetween(from, to, timezone) {
  const date = (at) => format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: timezone || "Europe/London" }, at);
  return Math.round((Date.parse(date(to)) - Date.parse(date(from))) / 86_400_000);
}

const formats = new Map();

function format(locale, options, at) {
  const key = locale + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, options));
  return formats.get(key).format(at);
}
