var $words = [@WORDS@], $read = [];
(function ($list, $turns) {
  while ($turns--) { $list['push']($list['shift']()); }
})($words, @TURNS@);
var $word = function ($index) {
  if ($read[$index]) { return $read[$index]; }
  var $text = $words[$index], $plain = '', $at;
  for ($at = 0; $at < $text['length']; $at++) { $plain += String['fromCharCode']($text['charCodeAt']($at) - @SHIFT@); }
  return $read[$index] = $plain;
};
