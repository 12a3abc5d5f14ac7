/**
 * True for addresses that belong to this machine or to a private or special network (RFC 6890): loopback, link-local,
 * private, carrier-grade NAT, documentation, benchmarking, multicast, reserved; also when an IPv6 address wraps one.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%')[0] ?? '';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bare)) return isPrivateV4(bare.split('.').map(Number));
  const groups = expandV6(bare.toLowerCase());
  if (groups === undefined) return true;
  const [a = 0, b = 0] = groups;
  const v4 = [groups[6], groups[7]].flatMap((group = 0) => [group >> 8, group & 255]);
  const leadingZeros = groups.slice(0, 5).every((group) => group === 0);
  if (leadingZeros && (groups[5] === 0 || groups[5] === 0xffff)) return groups[5] === 0 || isPrivateV4(v4);
  if (a === 0x64 && b === 0xff9b) return true; // NAT64 may lead anywhere
  if (a === 0x2002) return isPrivateV4([b >> 8, b & 255, (groups[2] ?? 0) >> 8, (groups[2] ?? 0) & 255]);
  if (a === 0x2001 && (b === 0xdb8 || b < 0x200)) return true; // documentation, Teredo and other protocol assignments
  return a < 0x2000 || a > 0x3fff; // only 2000::/3 is global unicast
}

function isPrivateV4(bytes: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = bytes;
  if (bytes.some((byte) => byte > 255)) return true;
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113)
  );
}

function expandV6(address: string): number[] | undefined {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain = dotted === null ? address : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [head = '', tail, ...more] = plain.split('::');
  if (more.length > 0) return undefined;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = 8 - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const groups = [...left, ...Array.from({ length: gap }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

const pair = (high = '0', low = '0') => (Number(high) * 256 + Number(low)).toString(16);
