// The emoji that a team and its bot use most, by Slack's names. Any other name is shown as it is written.

const EMOJI = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", brain: "🧠", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", eyes: "👀",
  tada: "🎉", rocket: "🚀", fire: "🔥", warning: "⚠️", lock: "🔒", unlock: "🔓", bulb: "💡", memo: "📝", pushpin: "📌", link: "🔗", mag: "🔍",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", calendar: "📅", bell: "🔔", no_bell: "🔕", speech_balloon: "💬",
  thought_balloon: "💭", question: "❓", exclamation: "❗", information_source: "ℹ️", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️",
  arrow_down: "⬇️", arrows_counterclockwise: "🔄", wastebasket: "🗑️", leftwards_arrow_with_hook: "↩️", book: "📖", books: "📚", bookmark: "🔖",
  package: "📦", wrench: "🔧", hammer: "🔨", gear: "⚙️", robot_face: "🤖", wave: "👋", pray: "🙏", clap: "👏", raised_hands: "🙌", ok_hand: "👌",
  muscle: "💪", point_right: "👉", point_up: "☝️", smile: "😄", smiley: "😃", grin: "😁", joy: "😂", slightly_smiling_face: "🙂", wink: "😉",
  blush: "😊", thinking_face: "🤔", neutral_face: "😐", confused: "😕", cry: "😢", sob: "😭", sweat_smile: "😅", heart: "❤️", green_heart: "💚",
  star: "⭐", sparkles: "✨", zap: "⚡", sunny: "☀️", coffee: "☕", bug: "🐛", construction: "🚧", rotating_light: "🚨", chart_with_upwards_trend: "📈",
  moneybag: "💰", shield: "🛡️", key: "🔑", globe_with_meridians: "🌐", house: "🏠", busts_in_silhouette: "👥", bust_in_silhouette: "👤",
  see_no_evil: "🙈", sleeping: "😴", zipper_mouth_face: "🤐", red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", white_circle: "⚪",
};

/** Those that mean something to Tacit, for adding with one click: learn from this thread, it is done, I agree, that was not it. */
export const QUICK = ["brain", "white_check_mark", "+1", "-1"];

export const MEANS = {
  brain: "Learn from this thread",
  white_check_mark: "This thread is done",
  "+1": "I agree",
  "-1": "That did not help",
};

export function emoji(name) {
  return EMOJI[name.split("::")[0]] ?? `:${name}:`;
}
