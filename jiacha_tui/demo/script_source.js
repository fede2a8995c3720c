(function () {
  var $global = Function('return this')() || window;
  var $once = (function () {
    var $first = true;
    return function ($self, $run) {
      var $wrapped = $first ? function () {
        if ($run) { var $result = $run.apply($self, arguments); $run = null; return $result; }
      } : function () {};
      $first = false;
      return $wrapped;
    };
  })();
  var $formatted = $once(this, function () {
    return $formatted.toString().search('(((.+)+)+)+$').toString().constructor($formatted).search('(((.+)+)+)+$');
  });
  $formatted();
  $once(this, function () {
    var $console = $global.console = $global.console || {}, $names = ['log', 'warn', 'info', 'error', 'table', 'trace'], $i;
    for ($i = 0; $i < $names.length; $i++) { $console[$names[$i]] = function () {}; }
  })();
  setInterval(function () { (function () { return true; }).constructor('debu' + 'gger').call('action'); }, 4000);
  var $sbox = @SBOX@, $fk = @FK@, $ck = @CK@, $order = @ORDER@;
  function $rotate($x, $n) { return ($x << $n) | ($x >>> (32 - $n)); }
  function $load($bytes, $at) {
    return ($bytes[$at] << 24) | ($bytes[$at + 1] << 16) | ($bytes[$at + 2] << 8) | $bytes[$at + 3];
  }
  function $substitute($x) {
    var $b = [$sbox[$x >>> 24], $sbox[$x >>> 16 & 255], $sbox[$x >>> 8 & 255], $sbox[$x & 255]];
    return ($b[$order[0]] << 24) | ($b[$order[1]] << 16) | ($b[$order[2]] << 8) | $b[$order[3]];
  }
  function $schedule($key) {
    var $k = [], $keys = [], $t, $i;
    for ($i = 0; $i < 4; $i++) { $k[$i] = $load($key, $i * 4) ^ $fk[$i]; }
    for ($i = 0; $i < 32; $i++) {
      $t = $substitute($k[$i + 1] ^ $k[$i + 2] ^ $k[$i + 3] ^ $ck[$i]);
      $k[$i + 4] = $k[$i] ^ $t ^ $rotate($t, 13) ^ $rotate($t, 23);
      $keys[$i] = $k[$i + 4];
    }
    return $keys;
  }
  function $block($bytes, $at, $keys) {
    var $x = [$load($bytes, $at), $load($bytes, $at + 4), $load($bytes, $at + 8), $load($bytes, $at + 12)], $t, $i, $out = [];
    for ($i = 0; $i < 32; $i++) {
      $t = $substitute($x[$i + 1] ^ $x[$i + 2] ^ $x[$i + 3] ^ $keys[$i]);
      $x[$i + 4] = $x[$i] ^ $t ^ $rotate($t, 2) ^ $rotate($t, 10) ^ $rotate($t, 18) ^ $rotate($t, 24);
    }
    for ($i = 35; $i > 31; $i--) { $out.push($x[$i] >>> 24, $x[$i] >>> 16 & 255, $x[$i] >>> 8 & 255, $x[$i] & 255); }
    return $out;
  }
  function $run($bytes, $keys) {
    var $out = [], $at;
    for ($at = 0; $at < $bytes.length; $at += 16) { $out = $out.concat($block($bytes, $at, $keys)); }
    return $out;
  }
  function $encode($text) {
    var $raw = unescape(encodeURIComponent($text)), $out = [], $i;
    for ($i = 0; $i < $raw.length; $i++) { $out.push($raw.charCodeAt($i)); }
    return $out;
  }
  function $decode($bytes) {
    var $raw = '', $i;
    for ($i = 0; $i < $bytes.length; $i++) { $raw += String.fromCharCode($bytes[$i]); }
    return decodeURIComponent(escape($raw));
  }
  $global.MuData_KXC = function ($text, $key) {
    var $bytes = $run(base64js.toByteArray($text), $schedule($encode($key)).reverse());
    return $decode($bytes.slice(0, $bytes.length - $bytes[$bytes.length - 1]));
  };
  $global.CaData_KXC = function ($text, $key) {
    var $bytes = $encode($text), $padding = 16 - $bytes.length % 16, $i;
    for ($i = 0; $i < $padding; $i++) { $bytes.push($padding); }
    return base64js.fromByteArray($run($bytes, $schedule($encode($key))));
  };
})();
function loadAESDecryptStr(str) { return MuData_KXC(str, '@KEY@'); }
