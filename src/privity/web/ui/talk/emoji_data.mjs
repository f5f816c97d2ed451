/** The emoji that can be picked, by kind; any other can be typed. */

/** What one answers most. */
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** @type {readonly {name: string, emoji: readonly string[]}[]} `name` is a key of the catalogue */
export const GROUPS = [
  {
    name: 'emoji.faces',
    emoji: split(`😀 😃 😄 😁 😆 😅 😂 🤣 😊 😇 🙂 🙃 😉 😌 😍 🥰 😘 😋 😛 😜 🤪 🤨 🧐 🤓 😎 🥳 😏 😒 😞 😔 😟
      😕 🙁 😣 😖 😫 😩 🥺 😢 😭 😤 😠 😡 🤯 😳 🥵 🥶 😱 😨 😰 😥 🤗 🤔 🤭 🤫 😶 😐 😬 🙄 😯 😮 😲 🥱 😴 🤤 😵 🤐
      🤢 🤮 🤧 😷 🤒 🤕 🤠 👻 💀 🤖 🎃 😺 😸 😹 😻 🙈 🙉 🙊`),
  },
  {
    name: 'emoji.people',
    emoji: split(`👍 👎 👌 🤌 ✌️ 🤞 🤟 🤘 🤙 👈 👉 👆 👇 ☝️ 👋 🤚 ✋ 🖖 👏 🙌 👐 🤲 🤝 🙏 ✍️ 💪 🧠 👀 👶 🧒 👦 👧
      🧑 👨 👩 🧓 👴 👵 🙋 🙆 🙅 🤷 🤦 🙇 💃 🕺 🚶 🏃 👪`),
  },
  {
    name: 'emoji.nature',
    emoji: split(`🐶 🐱 🐭 🐹 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🐦 🦆 🦉 🐺 🐴 🦄 🐝 🐛 🦋 🐌 🐞 🐢 🐍 🐙 🦀 🐠
      🐬 🐳 🐘 🌵 🌲 🌳 🌴 🌱 🌿 🍀 🍁 🍄 💐 🌷 🌹 🌻 🌞 🌙 ⭐ 🌈 ☀️ ⛅ ☁️ 🌧️ ⛈️ ❄️ ⚡ 🔥 💧 🌊`),
  },
  {
    name: 'emoji.food',
    emoji: split(`🍏 🍎 🍐 🍊 🍋 🍌 🍉 🍇 🍓 🫐 🍒 🍑 🥭 🍍 🥥 🥝 🍅 🥑 🥦 🥕 🌽 🥔 🍞 🥐 🧀 🥚 🥞 🍔 🍟 🍕 🌭 🥪 🌮
      🥗 🍝 🍜 🍲 🍣 🍱 🍚 🍦 🍰 🎂 🍫 🍬 🍪 🍿 ☕ 🍵 🥤 🍺 🍷 🥂`),
  },
  {
    name: 'emoji.things',
    emoji: split(`⚽ 🏀 🎾 🏐 🏓 🎯 🎮 🎲 🧩 🎨 🎵 🎸 🎹 🎬 🏆 🎉 🎈 🎁 🚗 🚲 🚌 🚆 ✈️ 🚀 ⛵ 🏠 🏡 🏢 🏥 🏫 ⛪ 🕌 🕍 🏖️
      🏔️ 🗺️ ⏰ ⌛ 📱 💻 📷 📚 📖 ✏️ 📝 📌 📎 🔑 🔒 🔨 💡 💰 📦 ✉️ 💊 🧹 🛒`),
  },
  {
    name: 'emoji.signs',
    emoji: split(`❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💕 💯 ✅ ❌ ❓ ❗ ⚠️ 🚫 ➕ ➖ ➡️ ⬅️ ⬆️ ⬇️ 🔁 🔔 🔕 💤 💬 💭 ♻️ 🟢 🟡 🔴 🏳️‍🌈
      🏁`),
  },
];

/** @param {string} row */
function split(row) {
  return row.split(/\s+/u);
}
