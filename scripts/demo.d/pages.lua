-- SPDX-License-Identifier: GPL-2.0
-- For wrk: compares each page with the file that is the first argument.
local threads = {}
wrong = 0

function setup(thread)
	table.insert(threads, thread)
end

function init(args)
	local file = io.open(args[1])
	page = file:read("*a")
	file:close()
end

function response(status, headers, body)
	if status ~= 200 or body ~= page then
		wrong = wrong + 1
	end
end

function done(summary, latency, requests)
	local e, sum = summary.errors, 0
	for _, thread in ipairs(threads) do
		sum = sum + thread:get("wrong")
	end
	print("pages: " .. summary.requests)
	print("wrong: " .. sum)
	print("errors: " ..
	      e.connect + e.read + e.write + e.status + e.timeout)
end
