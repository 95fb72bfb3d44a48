import { isURL, toURL } from "./objects.js";

/** What `@format` may ask of a string. */
export type Format = keyof typeof formats;

/** Whether `value` is a string of this format. */
export function isFormat(format: Format, value: unknown): boolean {
  return typeof value === "string" && formats[format](value);
}

/** Every format by name. None of them takes longer than the string is long. */
export const formats = {
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  password: () => true,
  regex: isRegex,
  uuid: matches(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i),
  email: (text: string) => isEmail(text, /^[\w.!#$%&'*+/=?^`{|}~-]+$/, isHostname),
  hostname: isHostname,
  "idn-email": (text: string) => isEmail(text, /^[^\s@"<>()[\]\\,;:]+$/u, isInternationalHostname),
  "idn-hostname": isInternationalHostname,
  iri: matches(/^[a-z][a-z\d+.-]*:(?:[^\s<>"{}|\\^`%]|%[\da-f]{2})*$/iu),
  "iri-reference": matches(/^(?:[^\s<>"{}|\\^`%]|%[\da-f]{2})*$/iu),
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: matches(/^[a-z][a-z\d+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i),
  "uri-reference": matches(/^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i),
  "uri-template": matches(/^(?:[^\s<>"{}|\\^`%]|%[\da-f]{2}|\{[+#./;?&=,!@|]?[\w.,:*%]+\})*$/iu),
  url: isUrl,
  "date-time": (text: string) => /^.{10}[Tt]./.test(text) && isDay(text.slice(0, 10)) && isTime(text.slice(11)),
  date: isDay,
  time: isTime,
  duration: matches(/^P(?=[\dT])(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/),
  "json-pointer": matches(/^(?:\/(?:[^~/]|~[01])*)*$/),
  "relative-json-pointer": matches(/^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/),
} as const satisfies Record<string, (text: string) => boolean>;

function matches(expression: RegExp): (text: string) => boolean {
  return (text) => expression.test(text);
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function isEmail(text: string, mailbox: RegExp, isHost: (host: string) => boolean): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  if (at < 1 || local.length > 64 || !mailbox.test(local)) return false;
  return !local.startsWith(".") && !local.endsWith(".") && !local.includes("..") && isHost(text.slice(at + 1));
}

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}

function isInternationalHostname(text: string): boolean {
  const labels = text.split(/[.\u3002\uff0e\uff61]/u);
  return (
    text.length <= 253 &&
    labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,62})$/u.test(label) && !label.endsWith("-"))
  );
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2 || text.length > 45) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    const tail = parts.at(-1) as string;
    if (tail.includes(".")) {
      if (index !== halves.length - 1 || !isIpv4(tail)) return false;
      parts.splice(-1, 1, "0", "0");
    }
    if (!parts.every((part) => /^[\da-f]{1,4}$/i.test(part))) return false;
    groups += parts.length;
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

export function isUrl(text: string): boolean {
  try {
    return isURL(toURL(text));
  } catch {
    return false;
  }
}

const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > (daysOfMonths[month - 1] as number)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** With a zone, as RFC 3339 asks; a leap second is allowed at the end of any minute. */
function isTime(text: string): boolean {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/.exec(text);
  if (match === null) return false;
  const [hour, minute, second, zoneHour, zoneMinute] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return hour < 24 && minute < 60 && second < 61 && zoneHour < 24 && zoneMinute < 60;
}
