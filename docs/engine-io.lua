-- Engine.IO 4 and Socket.IO 5 for Wireshark, which does not know them: fields io.type, io.packet, io.nsp, io.id,
-- io.event and io.data, under the names that packetwalk gives them.
--
--   tshark -X lua_script:docs/engine-io.lua -r sio-upgrade.pcapng -Y 'io.event == "hello"'
--
-- Wireshark loads it from its folder of personal Lua plugins (Help, About, Folders).

local engine = Proto("io", "Engine.IO")
local fields = {
  type = ProtoField.string("io.type", "Engine.IO packet"),
  packet = ProtoField.string("io.packet", "Socket.IO packet"),
  nsp = ProtoField.string("io.nsp", "Namespace"),
  id = ProtoField.uint32("io.id", "Acknowledgement id"),
  event = ProtoField.string("io.event", "Event"),
  data = ProtoField.string("io.data", "Data"),
}
engine.fields = { fields.type, fields.packet, fields.nsp, fields.id, fields.event, fields.data }

local ENGINE = { "open", "close", "ping", "pong", "message", "upgrade", "noop" }
local SOCKET = { "CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK" }

local stream_of = Field.new("tcp.stream")
local request_of = Field.new("http.request.uri")
local answers_of = Field.new("http.response_for.uri")
local body_of = Field.new("http.file_data")
local text_of = Field.new("websocket.payload.text")
local opcode_of = Field.new("websocket.opcode")

-- Streams whose upgrade asked for a session: by number, which stays the same in a second pass.
local sessions = {}

function engine.init()
  sessions = {}
end

local function socket_packet(tree, text)
  local digit, rest = text:match("^([0-6])(.*)$")
  if not digit then
    tree:add(fields.data, text)
    return ""
  end
  local packet = SOCKET[tonumber(digit) + 1]
  tree:add(fields.packet, packet)
  if digit == "5" or digit == "6" then rest = rest:gsub("^%d+%-", "") end
  local nsp, after = rest:match("^(/[^,]*),?(.*)$")
  tree:add(fields.nsp, nsp or "/")
  rest = after or rest
  local id, data = rest:match("^(%d+)(.*)$")
  if id then
    tree:add(fields.id, tonumber(id))
    rest = data
  end
  local event = (digit == "2" or digit == "5") and rest:match('^%["([^"\\]*)"')
  if event then tree:add(fields.event, event) end
  if rest ~= "" then tree:add(fields.data, rest) end
  return ", Socket.IO " .. packet .. (event and (" " .. event) or "")
end

local function engine_packet(root, text)
  local digit, rest = text:match("^([0-6])(.*)$")
  local type = digit and ENGINE[tonumber(digit) + 1] or (text:sub(1, 1) == "b" and "message")
  if not type then return nil end
  local tree = root:add(engine)
  tree:add(fields.type, type)
  local line = "Engine.IO " .. type
  if digit and type == "message" then
    line = line .. socket_packet(tree, rest)
  elseif digit and rest ~= "" then
    tree:add(fields.data, rest)
  end
  tree:set_text(line)
  return line
end

local function is_session(uri)
  return uri ~= nil and tostring(uri.value):find("EIO=4", 1, true) ~= nil
end

function engine.dissector(_, pinfo, root)
  local stream = stream_of()
  if not stream then return end
  local request, answers = request_of(), answers_of()
  if is_session(request) and tostring(request.value):find("transport=websocket", 1, true) then
    sessions[stream.value] = true
  end
  local line
  if is_session(request) or is_session(answers) then
    for _, body in ipairs({ body_of() }) do
      for packet in (tostring(body.value) .. "\30"):gmatch("([^\30]*)\30") do
        line = engine_packet(root, packet) or line
      end
    end
  end
  if sessions[stream.value] then
    for _, text in ipairs({ text_of() }) do line = engine_packet(root, tostring(text.value)) or line end
    for _, opcode in ipairs({ opcode_of() }) do
      if opcode.value == 2 then
        local tree = root:add(engine)
        tree:add(fields.type, "message")
        tree:set_text("Engine.IO message, octets")
        line = "Engine.IO message, octets"
      end
    end
  end
  if line then pinfo.cols.info:append("  " .. line) end
end

register_postdissector(engine)
