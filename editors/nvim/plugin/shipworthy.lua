if vim.g.loaded_shipworthy or vim.fn.has("nvim-0.8") == 0 then
  return
end
vim.g.loaded_shipworthy = true

local actions = {
  check = function(words)
    require("shipworthy").check(words)
  end,
  explain = function(words)
    require("shipworthy").explain(words[1] or vim.api.nvim_buf_get_name(0))
  end,
  fix = function()
    require("shipworthy").fix_all()
  end,
  health = function()
    vim.cmd("checkhealth shipworthy")
  end,
  restart = function()
    require("shipworthy").restart()
  end,
}

vim.api.nvim_create_user_command("Shipworthy", function(call)
  local words = vim.list_slice(call.fargs, 2)
  local action = actions[call.fargs[1]]
  if action then
    action(words)
  else
    vim.notify("Shipworthy: unknown action " .. call.fargs[1], vim.log.levels.ERROR)
  end
end, {
  nargs = "+",
  desc = "Shipworthy: check, explain, fix, health or restart",
  complete = function(start, line)
    if not line:match("^%s*%S+%s+%S*$") then
      return vim.fn.getcompletion(start, "file")
    end
    local names = vim.tbl_filter(function(name)
      return vim.startswith(name, start)
    end, vim.tbl_keys(actions))
    table.sort(names)
    return names
  end,
})
