import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress } from '../../server/edge/client-address.ts';

const SOCKET = '10.0.0.1';
const text = fc.oneof(
  fc.string(),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('unknown', '[::1]:80', '1.2.3.4:80', ',,', ''),
);

describe('without a proxy', () => {
  test('it is who is connected, whatever a header says', () => {
    expect(clientAddress('203.0.113.7', '198.51.100.1', 0)).toBe('203.0.113.7');
    expect(clientAddress(undefined, '198.51.100.1', 0)).toBe('unknown');
  });
});

describe('with n proxies in front', () => {
  test('it is the n-th from the right', () => {
    expect(clientAddress(SOCKET, '203.0.113.7', 1)).toBe('203.0.113.7');
    expect(clientAddress(SOCKET, '198.51.100.1, 203.0.113.7', 1)).toBe('203.0.113.7');
    expect(clientAddress(SOCKET, '198.51.100.1, 203.0.113.7 ,10.0.0.2', 2)).toBe('203.0.113.7');
  });
  test('header lines count as one list', () => {
    expect(clientAddress(SOCKET, ['198.51.100.1, 203.0.113.7', '10.0.0.2'], 2)).toBe('203.0.113.7');
  });
  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['shorter than there are proxies', '203.0.113.7'],
    ['no address', '203.0.113.7, unknown, 10.0.0.2'],
    ['an address that can be read in two ways', '0203.0.113.7, 010.1.1.1, 10.0.0.2'],
  ])('it is who is connected where the header is %s', (_what, header) => {
    expect(clientAddress(SOCKET, header, 2)).toBe(SOCKET);
  });
  test('a port is left out', () => {
    expect(clientAddress(SOCKET, '203.0.113.7:4711', 1)).toBe('203.0.113.7');
    expect(clientAddress(SOCKET, '[2001:db8::7]:4711', 1)).toBe('2001:db8:0:0::/64');
  });

  test('nothing a caller writes into the header changes the answer', () => {
    const seen = fc.array(fc.ipV4(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text), seen, (forged, appended) => {
        const honest = clientAddress(SOCKET, appended.join(', '), appended.length);
        expect(honest).toBe(appended[0]);
        expect(clientAddress(SOCKET, [...forged, ...appended].join(', '), appended.length)).toBe(honest);
        expect(clientAddress(SOCKET, [forged.join(), ...appended], appended.length)).toBe(honest);
      }),
    );
  });
});

describe('an address is counted', () => {
  test('once, whether it comes as IPv4 or as IPv6', () => {
    for (const mapped of ['::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7'])
      expect(clientAddress(mapped, undefined, 0)).toBe('203.0.113.7');
  });
  test('by its /64, of which one household has all addresses', () => {
    expect(clientAddress('2001:db8:1:2:3:4:5:6', undefined, 0)).toBe('2001:db8:1:2::/64');
    expect(clientAddress('2001:DB8:1:2::1', undefined, 0)).toBe('2001:db8:1:2::/64');
    expect(clientAddress('2001:0db8:0001:0002::', undefined, 0)).toBe('2001:db8:1:2::/64');
    expect(clientAddress('2001:db8:1:3::1', undefined, 0)).toBe('2001:db8:1:3::/64');
    expect(clientAddress('::1', undefined, 0)).toBe('0:0:0:0::/64');
    expect(clientAddress('fe80::1%eth0', undefined, 0)).toBe('fe80:0:0:0::/64');
  });
  test('as every address of its /64 is, and as none of another', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
    // 2000::/3 is what is given out; nothing in it is a mapped IPv4 address.
    const network = fc
      .tuple(fc.constantFrom('2001', '2a00', '3fff'), group, group, group)
      .map((four) => four.join(':'));
    const host = fc.tuple(group, group, group, group).map((four) => four.join(':'));
    const counted = (address: string) => clientAddress(address, undefined, 0);
    fc.assert(
      fc.property(network, network, host, host, (one, other, first, second) => {
        expect(counted(`${one}:${first}`)).toBe(counted(`${one}:${second}`));
        expect(counted(`${one}:${first}`) === counted(`${other}:${first}`)).toBe(one === other);
      }),
    );
  });
  test('or under the connection, whatever garbage comes', () => {
    fc.assert(
      fc.property(text, text, fc.nat(3), (socket, header, proxies) => {
        expect(clientAddress(socket, header, proxies)).toMatch(/^(unknown|[\d.]+|[\da-f:]+::\/64)$/);
      }),
    );
  });
});
