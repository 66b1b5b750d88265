import { describe, expect, test } from 'vitest';
import type { Operation } from '../../server/api/operations.ts';
import { Routes } from '../../server/api/routes.ts';

const operation = (text: string): Operation => {
  const [method, path] = text.split(' ') as ['GET', string];
  return {
    procedure: text,
    type: 'query',
    description: '',
    permission: 'anyone',
    place: { method, path, summary: '', tags: [] },
    input: null,
    output: {},
    fields: new Map(),
  };
};
const routes = new Routes(
  [
    'GET /api/attendance/{date}',
    'GET /api/attendance/stats',
    'GET /api/attendance/stats/{date}',
    'POST /api/attendance/check',
    'GET /api/{noun}/{id}/history',
    'DELETE /api/attendance/{other}',
  ].map(operation),
);
const found = (method: string, path: string) => {
  const match = routes.find(method, path);
  if (!match || 'allow' in match) return match;
  return { name: match.operation.procedure, ...Object.fromEntries(match.parameters) };
};

describe('a path finds', () => {
  test('the literal one before the parameter', () => {
    expect(found('GET', '/api/attendance/stats')).toEqual({ name: 'GET /api/attendance/stats' });
    expect(found('GET', '/api/attendance/2025-03-10')).toMatchObject({ date: '2025-03-10' });
    expect(found('GET', '/api/attendance/stats/2025-03-10')).toMatchObject({
      name: 'GET /api/attendance/stats/{date}',
    });
  });

  test('its way back out of a literal that leads nowhere', () => {
    expect(found('GET', '/api/attendance/kim/history')).toEqual({
      name: 'GET /api/{noun}/{id}/history',
      noun: 'attendance',
      id: 'kim',
    });
  });

  test('parameters by the name of its own operation', () => {
    expect(found('DELETE', '/api/attendance/x')).toMatchObject({ other: 'x' });
  });

  test('GET for HEAD', () => {
    expect(found('HEAD', '/api/attendance/stats')).toEqual({ name: 'GET /api/attendance/stats' });
  });

  test('the methods there are, when its own is not among them', () => {
    expect(found('GET', '/api/attendance/check')).toEqual({ allow: ['POST'] });
    expect(found('PUT', '/api/attendance/x')).toEqual({ allow: ['DELETE', 'GET', 'HEAD'] });
  });

  test.each(['/api/attendance', '/api/attendance/', '/api', '/', '', '//attendance/x', '/api/attendance/stats/a/b'])(
    'nothing at "%s"',
    (path) => {
      expect(found('GET', path)).toBeNull();
      expect(routes.has(path)).toBe(false);
    },
  );
});

test('two operations at one place are refused', () => {
  expect(() => new Routes(['GET /a/{x}', 'GET /a/{y}'].map(operation))).toThrow('GET /a/{y} is declared by GET /a/{x}');
});
