import { expect, it } from 'vitest';
import { Rooms } from '../../../../src/layers/7-application/socket-io/rooms.ts';

it('who leaves is in no room, and a room that nobody is in is no exception', () => {
  const rooms = new Rooms();
  rooms.join('a', 'r');
  rooms.join('b', 'r');
  rooms.join('b', 's');
  expect([...rooms.select({ rooms: ['r'], except: [] })].sort()).toEqual(['a', 'b']);
  expect(rooms.select({ rooms: ['r'], except: ['s', 'never'] })).toEqual(['a']);
  rooms.leaveAll('a');
  rooms.leaveAll('nobody');
  expect(rooms.select({ rooms: ['r'], except: [] })).toEqual(['b']);
});
