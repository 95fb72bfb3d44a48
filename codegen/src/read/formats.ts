import type { Format } from "@farcall/protocol";

/** Every format, once more: the compiler holds the two lists together. */
const names: Readonly<Record<Format, true>> = {
  byte: true,
  password: true,
  regex: true,
  uuid: true,
  email: true,
  hostname: true,
  "idn-email": true,
  "idn-hostname": true,
  iri: true,
  "iri-reference": true,
  ipv4: true,
  ipv6: true,
  uri: true,
  "uri-reference": true,
  "uri-template": true,
  url: true,
  "date-time": true,
  date: true,
  time: true,
  duration: true,
  "json-pointer": true,
  "relative-json-pointer": true,
};

export function isFormatName(name: string): name is Format {
  return Object.hasOwn(names, name);
}
